import { timestampFromDate, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Job, JobEvent, JobList } from "@berth/protocol";
import { BerthError } from "@berth/protocol/errors";
import { type ExecuteReply, type OutChunk, OutputStream } from "@berth/protocol/executor";
import { durationProblem, parseDuration } from "@berth/protocol/units";
import type { JobFilter } from "../resources/job/job-filter.ts";
import type { OutputChunk } from "../resources/job/output-chunk.ts";
import type { SentRequest } from "../resources/job/job-request.ts";
import type { GetCall, JobWire, OutputCall, SubmitCall, WaitCall } from "../resources/job/job-wire.ts";
import type { ExactNumber } from "../transport/exact-numbers.ts";
import type { Patience } from "../transport/http.ts";
import { type Connection, retrying } from "../transport/retry.ts";
import type { Calls } from "./calls.ts";
import { eventOf, jobOf } from "./job-message.ts";
import { notOverGrpc } from "./not-over-grpc.ts";
import { executeRequestOf } from "./request-message.ts";

/** Longest time for an answer that waits for nothing, in milliseconds. */
const ANSWER_MS = 30_000;
/** 10 MiB of files over a line of 1 Mbit/s. */
const LONGEST_UPLOAD_MS = 120_000;
/** Added to a wait before this client takes the connection for dead. */
const GRACE_MS = 15_000;

export interface GrpcJobsOptions {
  calls: Calls;
  patience: Patience;
  connection: Connection;
  exactNumber: ExactNumber | undefined;
}

/** What is done to jobs, over gRPC. */
export class GrpcJobs implements JobWire {
  readonly url: string;
  readonly patience: Patience;
  readonly connection: Connection;
  readonly #calls: Calls;
  readonly #exactNumber: ExactNumber | undefined;

  constructor({ calls, patience, connection, exactNumber }: GrpcJobsOptions) {
    this.url = calls.target;
    this.patience = patience;
    this.connection = connection;
    this.#calls = calls;
    this.#exactNumber = exactNumber;
  }

  async submit(request: SentRequest, options: SubmitCall): Promise<{ id: string }> {
    const { executionId } = await this.#execute(request, { ...options, waitMs: 0 });
    return { id: executionId?.value ?? "" };
  }

  async submitAndWait(request: SentRequest, options: SubmitCall & WaitCall): Promise<Job> {
    refuseOutput(options.includeOutput);
    const { executionId, execution } = await this.#execute(request, options);
    if (execution !== undefined) return jobOf(execution, this.#exactNumber);
    const { signal } = options;
    return this.get(executionId?.value ?? "", { waitMs: 0, includeOutput: false, signal });
  }

  async get(id: string, { waitMs, includeOutput, patienceMs, signal }: GetCall): Promise<Job> {
    refuseOutput(includeOutput);
    const timeoutMs = waitMs > 0 ? waitMs + GRACE_MS : ANSWER_MS;
    const request = { ...target(id), ...(waitMs > 0 && { waitMs }) };
    const info = await this.#ask({ patienceMs, signal }, () =>
      this.#calls.unary("getExecution", request, { timeoutMs, signal }),
    );
    return jobOf(info, this.#exactNumber);
  }

  async list(filter: JobFilter, { cursor = "" }: { cursor: string | undefined }): Promise<JobList> {
    const { state, labels = {}, name = "", task = "", ref = "", limit, signal } = filter;
    const { createdAfter, createdBefore } = filter;
    const request = {
      states: [state ?? []].flat(),
      labels: { ...labels },
      name,
      task,
      ref,
      cursor,
      ...(limit !== undefined && { limit }),
      ...(createdAfter && { createdAfter: timestampFromDate(createdAfter) }),
      ...(createdBefore && { createdBefore: timestampFromDate(createdBefore) }),
    };
    const { executions, next } = await this.#ask({ signal }, () =>
      this.#calls.unary("listExecutions", request, { timeoutMs: ANSWER_MS, signal }),
    );
    const items = executions.map((info) => jobOf(info, this.#exactNumber));
    return { items, next: next === "" ? null : next };
  }

  /** Answers when the whole process tree is gone, which the grace alone does not bound. */
  async stop(
    id: string,
    { grace, signal }: { grace: string | undefined; signal: AbortSignal | undefined },
  ): Promise<Job> {
    const graceMs = grace === undefined ? undefined : graceOf(grace);
    const request = { ...target(id), ...(graceMs !== undefined && { graceMs }) };
    await this.#ask({ signal }, () => this.#calls.unary("stopExecution", request, { signal }));
    return this.get(id, { waitMs: 0, includeOutput: false, signal });
  }

  async extend(id: string, { by, signal }: { by: string; signal: AbortSignal | undefined }): Promise<Job> {
    const info = await this.#ask({ patienceMs: 0, signal }, () =>
      this.#calls.unary("extendExecution", { ...target(id), by }, { timeoutMs: ANSWER_MS, signal }),
    );
    return jobOf(info, this.#exactNumber);
  }

  async openOutput(id: string, call: OutputCall): Promise<AsyncIterable<OutputChunk | null>> {
    return chunksOf(await this.#openStream(id, call));
  }

  async openBytes(id: string, call: OutputCall): Promise<AsyncIterable<Uint8Array | null>> {
    return bytesOf(await this.#openStream(id, call));
  }

  async openEvents(
    id: string,
    { afterSeq, signal }: { afterSeq: number | null; signal: AbortSignal },
  ): Promise<AsyncIterable<JobEvent>> {
    const request = { ...target(id), afterSeq: BigInt(afterSeq ?? 0) };
    const events = await this.#calls.stream("watchExecution", request, { signal });
    this.connection.reached();
    return eventsOf(events);
  }

  async isReady(signal: AbortSignal | undefined): Promise<boolean> {
    return await this.#calls.isServing({ timeoutMs: ANSWER_MS, signal });
  }

  async #execute(request: SentRequest, options: SubmitCall & { waitMs: number }): Promise<ExecuteReply> {
    if (request.archive !== undefined) throw notOverGrpc("give a job an archive");
    const { waitMs, signal } = options;
    const message = executeRequestOf(request, options);
    const timeoutMs = waitMs + LONGEST_UPLOAD_MS;
    return await this.#ask({ signal }, () =>
      this.#calls.unary("executeCommand", message, { timeoutMs, signal }),
    );
  }

  async #openStream(
    id: string,
    { stream, offset, follow, stage, signal }: OutputCall,
  ): Promise<AsyncIterable<OutChunk>> {
    if (stage !== undefined) throw notOverGrpc("read the output of one stage");
    const request = { ...target(id), stream: streams[stream], offset: BigInt(offset), follow };
    const chunks = await this.#calls.stream("getOutStream", request, { signal });
    this.connection.reached();
    return chunks;
  }

  /** Asks again where that is safe and can help, as over REST. */
  async #ask<T>(
    options: { patienceMs?: number | undefined; signal: AbortSignal | undefined },
    attempt: () => Promise<T>,
  ): Promise<T> {
    const answer = await retrying(attempt, {
      patienceMs: options.patienceMs ?? this.patience.requestMs,
      signal: options.signal,
      onFailure: (failure) => this.connection.failed(failure),
    });
    this.connection.reached();
    return answer;
  }
}

const streams = { all: OutputStream.ALL, stdout: OutputStream.STDOUT, stderr: OutputStream.STDERR } as const;

function target(id: string): { executionId: { value: string } } {
  return { executionId: { value: id } };
}

function refuseOutput(included: boolean): void {
  if (included) throw notOverGrpc("put the output into the job");
}

function graceOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  const message = durationProblem(text, "5s");
  throw new BerthError("REQUEST_INVALID", `Cannot stop with the grace "${text}": it ${message}`, {
    problems: [{ field: "grace", message }],
  });
}

/** The server ends a call in order only when all is sent. */
async function* chunksOf(messages: AsyncIterable<OutChunk>): AsyncGenerator<OutputChunk | null, void> {
  for await (const { bytes, stream, offset, at } of messages) {
    yield {
      stream: stream === OutputStream.STDERR ? "stderr" : "stdout",
      offset: Number(offset),
      at: new Date(at === undefined ? 0 : timestampMs(at)).toISOString(),
      data: bytes,
    };
  }
  yield null;
}

async function* bytesOf(messages: AsyncIterable<OutChunk>): AsyncGenerator<Uint8Array | null, void> {
  for await (const { bytes } of messages) yield bytes;
  yield null;
}

async function* eventsOf(
  messages: AsyncIterable<Parameters<typeof eventOf>[0]>,
): AsyncGenerator<JobEvent, void> {
  for await (const message of messages) yield eventOf(message);
}
