import type { ArtifactList, Job, JobEvent } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Http } from "../transport/http.ts";
import { readBody } from "../transport/read-body.ts";
import { asArtifactList, asJob } from "./answers.ts";
import { succeeded, waitForEnd, type WaitOptions } from "./job-end.ts";
import { readEvents, type EventOptions } from "./job-events.ts";
import { readBytes, readChunks, type OutputChunk, type OutputOptions } from "./job-output.ts";

/** A request that can be given up. */
export interface SignalOptions {
  signal?: AbortSignal | undefined;
}

/**
 * One job, by its id. It holds no connection: keep it as long as you like, or keep only its `id` and make it
 * again with `berth.jobs.handle(id)`, in another process too.
 *
 * @example
 * ```ts
 * const job = await berth.jobs.submit({ command: "echo", args: ["hello"] });
 * for await (const { stream, data } of job.output()) process[stream].write(data);
 * const { usage } = await job.done(); // throws JobFailed when it did not succeed
 * ```
 */
export class JobHandle {
  readonly id: string;
  readonly #http: Http;

  constructor(http: Http, id: string) {
    this.#http = http;
    this.id = id;
  }

  /** The job as it is now. */
  async get(options: SignalOptions & { includeOutput?: boolean } = {}): Promise<Job> {
    const query = { include: options.includeOutput === true ? "output" : undefined };
    return this.#job(
      await this.#http.json({ route: routes.getJob, id: this.id, query, signal: options.signal }),
    );
  }

  /**
   * Output piece by piece, from `offset` to the end of the job (or to what is there now, with `follow: false`).
   * Resumes by itself at the exact byte after a cut connection or a restart of the server, and gives up with
   * SERVER_UNREACHABLE when nobody answers for the client's `patience.followMs`. Leaving the loop ends the request.
   */
  output(options: OutputOptions = {}): AsyncGenerator<OutputChunk, void> {
    return readChunks(this.#owner(options.signal), options);
  }

  /**
   * The same bytes without stream, offset and time, and without their cost: the way to fetch much output.
   *
   * @example
   * ```ts
   * for await (const bytes of job.raw({ stream: "stdout" })) file.write(bytes);
   * ```
   */
  raw(options: OutputOptions = {}): AsyncGenerator<Uint8Array, void> {
    return readBytes(this.#owner(options.signal), options);
  }

  /** Every state the job enters, from the first to the terminal one. Resumes by itself. */
  events(options: EventOptions = {}): AsyncGenerator<JobEvent, void> {
    return readEvents(this.#owner(options.signal), options);
  }

  /**
   * Waits for the end of the job, however long that takes, over restarts of the server. Resolves when it succeeded;
   * throws JobFailed when it did not, with the job in it, so that a program that looks at nothing does not go on. With
   * `mayFail` it resolves however the job ended.
   *
   * @example
   * ```ts
   * const { state, cause } = await job.done({ mayFail: true });
   * ```
   */
  async done(options: WaitOptions = {}): Promise<Job> {
    const owner = { http: this.#http, id: this.id };
    const job = await waitForEnd(owner, { ...options, deadline: Number.POSITIVE_INFINITY });
    return succeeded(job, options);
  }

  /**
   * Asks for the end: TERM, `grace` of patience, then KILL. Returns at once; `done` tells when it is over.
   * Stopping twice, or a job that has ended, changes nothing.
   *
   * @param options.grace as in `5s`; the default is the server's
   */
  async stop(options: SignalOptions & { grace?: string | undefined } = {}): Promise<Job> {
    const body = options.grace === undefined ? {} : { grace: options.grace };
    return this.#job(
      await this.#http.json({ route: routes.stopJob, id: this.id, body, signal: options.signal }),
    );
  }

  /**
   * Adds to the run timeout of a running job. Never sent twice: when the answer is lost, look at `deadlineAt`.
   *
   * @param options.by as in `10m`
   */
  async extend(options: SignalOptions & { by: string }): Promise<Job> {
    const { by, signal } = options;
    return this.#job(
      await this.#http.json({ route: routes.extendJob, id: this.id, body: { by }, signal, patienceMs: 0 }),
    );
  }

  /** Deletes a finished job with its output and artifacts. */
  async delete(options: SignalOptions = {}): Promise<void> {
    await this.#http.json({ route: routes.deleteJob, id: this.id, signal: options.signal });
  }

  /** What the job left and Berth kept, as its `collect` names it, and what was skipped with the reason. */
  async artifacts(options: SignalOptions = {}): Promise<ArtifactList> {
    const answer = await this.#http.json({
      route: routes.listArtifacts,
      id: this.id,
      signal: options.signal,
    });
    return asArtifactList(answer, this.#http.url);
  }

  /** The bytes of one artifact. A cut connection fails it with SERVER_UNREACHABLE. */
  async *artifact(path: string, options: SignalOptions = {}): AsyncGenerator<Uint8Array, void> {
    const { signal } = options;
    const answer = await this.#http.open({
      route: routes.readArtifact,
      id: this.id,
      rest: path,
      accept: "application/octet-stream",
      signal,
    });
    yield* readBody(answer, { url: this.#http.url, signal });
  }

  /**
   * The JSON document the job left. Pass `parse` to have it checked and typed; any schema library's will do.
   *
   * @example
   * ```ts
   * const total = await job.result({ parse: (value) => Number(value) });
   * ```
   */
  async result(options?: SignalOptions): Promise<unknown>;
  async result<T>(options: SignalOptions & { parse: (value: unknown) => T }): Promise<T>;
  async result<T>(options: SignalOptions & { parse?: (value: unknown) => T } = {}): Promise<unknown> {
    const { parse, signal } = options;
    const value = await this.#http.json({ route: routes.readResult, id: this.id, signal });
    return parse === undefined ? value : parse(value);
  }

  #owner(signal: AbortSignal | undefined): { http: Http; id: string; get(): Promise<Job> } {
    return { http: this.#http, id: this.id, get: () => this.get({ signal }) };
  }

  #job(answer: unknown): Job {
    return asJob(answer, this.#http.url);
  }
}
