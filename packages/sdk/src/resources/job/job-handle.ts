import type { ArtifactList, Contact, Delivery, Job, JobEvent } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import { readBody } from "../../transport/read-body.ts";
import { asArtifactList, asContactList, asDelivery, asDeliveryList } from "../answers.ts";
import { succeeded, waitForEnd, type WaitOptions } from "./job-end.ts";
import { readEvents, type EventOptions } from "./job-events.ts";
import type { JobWire, ServerLink } from "./job-wire.ts";
import { readBytes, readChunks, type OutputOptions } from "./job-output.ts";
import type { OutputChunk } from "./output-chunk.ts";

/** A request that can be given up. */
export interface SignalOptions {
  signal?: AbortSignal | undefined;
}

const CONTACTS_A_PAGE = 1000;

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
  readonly #link: ServerLink;

  constructor(link: ServerLink, id: string) {
    this.#link = link;
    this.id = id;
  }

  /** The job as it is now. */
  async get(options: SignalOptions & { includeOutput?: boolean } = {}): Promise<Job> {
    const { signal, includeOutput = false } = options;
    return await this.#link.jobs.get(this.id, { waitMs: 0, includeOutput, signal });
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
    const owner = { wire: this.#link.jobs, id: this.id };
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
    const { grace, signal } = options;
    return await this.#link.jobs.stop(this.id, { grace, signal });
  }

  /**
   * Adds to the run timeout of a running job. Never sent twice: when the answer is lost, look at `deadlineAt`.
   *
   * @param options.by as in `10m`
   */
  async extend(options: SignalOptions & { by: string }): Promise<Job> {
    const { by, signal } = options;
    return await this.#link.jobs.extend(this.id, { by, signal });
  }

  /** Deletes a finished job with its output and artifacts. */
  async delete(options: SignalOptions = {}): Promise<void> {
    await this.#link.rest.json({ route: routes.deleteJob, id: this.id, signal: options.signal });
  }

  /** What the job left and Berth kept, as its `collect` names it, and what was skipped with the reason. */
  async artifacts(options: SignalOptions = {}): Promise<ArtifactList> {
    const answer = await this.#link.rest.json({
      route: routes.listArtifacts,
      id: this.id,
      signal: options.signal,
    });
    return asArtifactList(answer, this.#link.rest.url);
  }

  /**
   * What the job's network refused it, and, of a job that is observed, what it reached. Empty until the job has ended.
   *
   * @example
   * ```ts
   * const refused = (await job.contacts()).filter(({ outcome }) => outcome === "refused");
   * ```
   */
  async contacts(options: SignalOptions = {}): Promise<Contact[]> {
    const { rest } = this.#link;
    const contacts: Contact[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: CONTACTS_A_PAGE, cursor };
      const call = { route: routes.listContacts, id: this.id, query, signal: options.signal };
      const { items, next } = asContactList(await rest.json(call), rest.url);
      contacts.push(...items);
      cursor = next ?? undefined;
    } while (cursor !== undefined);
    return contacts;
  }

  /** What was sent to those who are told of the job's end, and what came of each attempt. Empty until it has ended. */
  async deliveries(options: SignalOptions = {}): Promise<Delivery[]> {
    const { rest } = this.#link;
    const call = { route: routes.listDeliveries, id: this.id, signal: options.signal };
    return asDeliveryList(await rest.json(call), rest.url).items;
  }

  /**
   * Sends a delivery again, now. Asking again changes nothing: what was tried since it was shown stays as it is.
   *
   * @example
   * ```ts
   * for (const one of await job.deliveries()) if (one.state === "failed") await job.resend(one);
   * ```
   */
  async resend(
    { id: delivery, attempts }: Pick<Delivery, "id" | "attempts">,
    options: SignalOptions = {},
  ): Promise<Delivery> {
    const { rest } = this.#link;
    const { signal } = options;
    const body = { attempts: attempts.at(-1)?.n ?? 0 };
    const call = { route: routes.resendDelivery, id: this.id, delivery, body, signal };
    return asDelivery(await rest.json(call), rest.url);
  }

  /** The bytes of one artifact. A cut connection fails it with SERVER_UNREACHABLE. */
  async *artifact(path: string, options: SignalOptions = {}): AsyncGenerator<Uint8Array, void> {
    const { signal } = options;
    const answer = await this.#link.rest.open({
      route: routes.readArtifact,
      id: this.id,
      rest: path,
      accept: "application/octet-stream",
      signal,
    });
    yield* readBody(answer, { url: this.#link.rest.url, signal });
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
    const value = await this.#link.rest.json({ route: routes.readResult, id: this.id, signal });
    return parse === undefined ? value : parse(value);
  }

  #owner(signal: AbortSignal | undefined): { wire: JobWire; id: string; get(): Promise<Job> } {
    return { wire: this.#link.jobs, id: this.id, get: () => this.get({ signal }) };
  }
}
