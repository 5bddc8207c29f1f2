import type { Job, JobEvent, JobList, OutputStream } from "@berth/protocol";
import type { ExactNumber } from "../../transport/exact-numbers.ts";
import type { Patience, Rest } from "../../transport/http.ts";
import type { Connection, ConnectionChange } from "../../transport/retry.ts";
import type { JobFilter } from "./job-filter.ts";
import type { OutputChunk } from "./output-chunk.ts";
import type { SentRequest } from "./job-request.ts";

/**
 * What is done to jobs, whichever wire leads to the server: REST and gRPC each answer all of it. A question is asked
 * again where that is safe and can help; a stream is opened once, and opened again by whoever reads it.
 */
export interface JobWire {
  /** Where the server is; named in errors. */
  readonly url: string;
  readonly patience: Patience;
  readonly connection: Connection;
  /** Resolves when the job is stored. */
  submit(request: SentRequest, options: SubmitCall): Promise<{ id: string }>;
  /** Resolves at the end of the job, or when the wait is over. */
  submitAndWait(request: SentRequest, options: SubmitCall & WaitCall): Promise<Job>;
  get(id: string, options: GetCall): Promise<Job>;
  list(filter: JobFilter, options: { cursor: string | undefined }): Promise<JobList>;
  stop(id: string, options: { grace: string | undefined; signal: AbortSignal | undefined }): Promise<Job>;
  /** Never sent twice. */
  extend(id: string, options: { by: string; signal: AbortSignal | undefined }): Promise<Job>;
  /** Resolves once there is a connection, or an answer. null: all is here, and no more will come. */
  openOutput(id: string, options: OutputCall): Promise<AsyncIterable<OutputChunk | null>>;
  /** The same as bytes alone. */
  openBytes(id: string, options: OutputCall): Promise<AsyncIterable<Uint8Array | null>>;
  /** Events after `afterSeq`; null is from the first. */
  openEvents(
    id: string,
    options: { afterSeq: number | null; signal: AbortSignal },
  ): Promise<AsyncIterable<JobEvent>>;
}

export interface SubmitCall {
  idempotencyKey: string;
  signal: AbortSignal | undefined;
}

export interface WaitCall {
  /** Longest wait for the end before the answer, in milliseconds; 0 is none. */
  waitMs: number;
  includeOutput: boolean;
}

export interface GetCall extends WaitCall {
  /** How long to go on trying while nobody answers, in milliseconds. Default: the client's for a request. */
  patienceMs?: number | undefined;
  signal: AbortSignal | undefined;
}

export interface OutputCall {
  stream: OutputStream;
  stage: string | undefined;
  offset: number;
  follow: boolean;
  signal: AbortSignal;
}

/** A way to one server. */
export interface ServerLink {
  readonly jobs: JobWire;
  /** All that REST alone has a route for. Over another wire it refuses. */
  readonly rest: Rest;
  /** Whether the server takes jobs now. Throws SERVER_UNREACHABLE when nobody answers. */
  isReady(signal: AbortSignal | undefined): Promise<boolean>;
}

/** What every way to a server is told. */
export interface LinkOptions {
  userAgent: string;
  patience: Patience;
  exactNumber?: ExactNumber | undefined;
  onConnection?: ((change: ConnectionChange) => void) | undefined;
}

/** Leads to one server over a wire of its own, as `grpc()` of `@berth/sdk/grpc` does. */
export interface WireTransport {
  link(options: LinkOptions): ServerLink;
}
