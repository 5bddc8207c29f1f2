import type { Job, JobEvent, JobList } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import { asJob, asJobList } from "../resources/answers.ts";
import type { JobFilter } from "../resources/job/job-filter.ts";
import type { OutputChunk } from "../resources/job/output-chunk.ts";
import { encodeJobRequest, type SentRequest } from "../resources/job/job-request.ts";
import type { GetCall, JobWire, OutputCall, SubmitCall, WaitCall } from "../resources/job/job-wire.ts";
import type { Http, JsonCall, Patience } from "../transport/http.ts";
import type { Connection } from "../transport/retry.ts";
import { openBytes, openChunks } from "./rest-output.ts";
import { openEvents } from "./rest-events.ts";

/** A request of 13 MB (10 MiB of files as base64) over a line of 1 Mbit/s. */
const LONGEST_UPLOAD_MS = 120_000;
/** Added to a wait before this client takes the connection for dead. */
const GRACE_MS = 15_000;

/** What is done to jobs, over REST. */
export class RestJobs implements JobWire {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  get url(): string {
    return this.#http.url;
  }

  get patience(): Patience {
    return this.#http.patience;
  }

  get connection(): Connection {
    return this.#http.connection;
  }

  submit(request: SentRequest, options: SubmitCall): Promise<{ id: string }> {
    return this.submitAndWait(request, { ...options, waitMs: 0, includeOutput: false });
  }

  submitAndWait(request: SentRequest, options: SubmitCall & WaitCall): Promise<Job> {
    const { idempotencyKey, waitMs, includeOutput, signal } = options;
    return this.#job({
      route: routes.submitJob,
      query: { wait: waitMs > 0 ? `${waitMs}ms` : undefined, include: included(includeOutput) },
      headers: { "idempotency-key": idempotencyKey },
      body: encodeJobRequest(request),
      signal,
      timeoutMs: waitMs + LONGEST_UPLOAD_MS,
    });
  }

  get(id: string, { waitMs, includeOutput, patienceMs, signal }: GetCall): Promise<Job> {
    return this.#job({
      route: routes.getJob,
      id,
      query: { wait: waitMs > 0 ? `${waitMs}ms` : undefined, include: included(includeOutput) },
      signal,
      ...(waitMs > 0 && { timeoutMs: waitMs + GRACE_MS }),
      ...(patienceMs !== undefined && { patienceMs }),
    });
  }

  async list(filter: JobFilter, { cursor }: { cursor: string | undefined }): Promise<JobList> {
    const { state, labels = {}, name, task, ref, createdAfter, createdBefore, limit, signal } = filter;
    const answer = await this.#http.json({
      route: routes.listJobs,
      query: {
        state: typeof state === "object" ? state.join(",") : state,
        label: Object.entries(labels).map(([key, value]) => `${key}=${value}`),
        name,
        task,
        ref,
        createdAfter: createdAfter?.toISOString(),
        createdBefore: createdBefore?.toISOString(),
        limit,
        cursor,
      },
      signal,
    });
    return asJobList(answer, this.url);
  }

  stop(
    id: string,
    { grace, signal }: { grace: string | undefined; signal: AbortSignal | undefined },
  ): Promise<Job> {
    return this.#job({ route: routes.stopJob, id, body: grace === undefined ? {} : { grace }, signal });
  }

  extend(id: string, { by, signal }: { by: string; signal: AbortSignal | undefined }): Promise<Job> {
    return this.#job({ route: routes.extendJob, id, body: { by }, signal, patienceMs: 0 });
  }

  openOutput(id: string, options: OutputCall): Promise<AsyncIterable<OutputChunk | null>> {
    return openChunks(this.#http, id, options);
  }

  openBytes(id: string, options: OutputCall): Promise<AsyncIterable<Uint8Array>> {
    return openBytes(this.#http, id, options);
  }

  openEvents(
    id: string,
    options: { afterSeq: number | null; signal: AbortSignal },
  ): Promise<AsyncIterable<JobEvent>> {
    return openEvents(this.#http, id, options);
  }

  async #job(call: JsonCall): Promise<Job> {
    return asJob(await this.#http.json(call), this.url);
  }
}

function included(output: boolean): string | undefined {
  return output ? "output" : undefined;
}
