import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { timestampFromDate, timestampMs } from "@bufbuild/protobuf/wkt";
import { isBerthError } from "@berth/protocol/errors";
import { type ExecutionId, OutputStream } from "@berth/protocol/executor";
import { parseDuration } from "@berth/protocol/units";
import type {
  ConnectionChange,
  Job,
  JobEvent,
  JobFilter,
  OutputChunk,
  OutputOptions,
  SignalOptions,
} from "@berth/sdk";
import type { Credentials } from "../core/settings/credentials.ts";
import type { Remote, RemoteJob, RemoteJobs } from "../core/remote.ts";
import { UsageError } from "../core/usage-error.ts";
import { Calls } from "./calls.ts";
import { eventOf, jobOf } from "./job-message.ts";
import { executeRequestOf } from "./request-message.ts";

/** How long to go on trying while nobody answers, when following a job. */
const followPatienceMs = 300_000;
const longestPauseMs = 2000;
/** A stream that was open for longer had a server behind it. */
const longestConnectMs = 30_000;

/** A server over gRPC with mutual TLS. The connection is made at the first call, and let go when it is idle. */
export function grpcRemote(
  target: string,
  credentials: Credentials,
  { onConnection }: { onConnection?: ((change: ConnectionChange) => void) | undefined } = {},
): Remote & Disposable {
  const calls = new Calls(target, credentials, { onConnection });
  return { jobs: new GrpcJobs(calls), [Symbol.dispose]: () => calls.close() };
}

class GrpcJobs implements RemoteJobs {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  async submit(
    request: Parameters<RemoteJobs["submit"]>[0],
    options: SignalOptions = {},
  ): Promise<RemoteJob> {
    const message = executeRequestOf(request, { idempotencyKey: randomUUID() });
    // Its files may take long on their way; a server that is not there is told at once all the same.
    const { executionId } = await this.#calls.unary("executeCommand", message, { ...options, patient: true });
    return this.handle(idOf(executionId));
  }

  async *list(filter: JobFilter): AsyncGenerator<Job, void> {
    const { state, labels = {}, name, ref, limit, createdAfter, createdBefore, signal } = filter;
    const conditions = {
      states: [state ?? []].flat(),
      labels: { ...labels },
      name: name ?? "",
      ref: ref ?? "",
      ...(limit !== undefined && { limit }),
      ...(createdAfter && { createdAfter: timestampFromDate(createdAfter) }),
      ...(createdBefore && { createdBefore: timestampFromDate(createdBefore) }),
    };
    let cursor = "";
    do {
      const page = await this.#calls.unary("listExecutions", { ...conditions, cursor }, { signal });
      yield* page.executions.map(jobOf);
      cursor = page.next;
    } while (cursor !== "");
  }

  get(id: string): Promise<Job> {
    return this.handle(id).get();
  }

  handle(id: string): RemoteJob {
    return new GrpcJob(this.#calls, id);
  }
}

class GrpcJob implements RemoteJob {
  readonly id: string;
  readonly #calls: Calls;

  constructor(calls: Calls, id: string) {
    this.id = id;
    this.#calls = calls;
  }

  async get(): Promise<Job> {
    return jobOf(await this.#calls.unary("getExecution", this.#target()));
  }

  async *output({
    stream = "all",
    offset = 0,
    follow = true,
    signal,
    stage,
  }: OutputOptions = {}): AsyncGenerator<OutputChunk, void> {
    if (stage !== undefined) {
      throw new UsageError(
        "Cannot read one stage over gRPC",
        "Leave out --stage, or use a server's https:// address",
      );
    }
    let next = offset;
    yield* resuming(
      this.#calls,
      () =>
        this.#calls.stream(
          "getOutStream",
          { ...this.#target(), stream: streams[stream], offset: BigInt(next), follow },
          { signal },
        ),
      ({ bytes, stream: of, offset: at, at: seenAt }) => {
        next = Number(at) + bytes.length;
        return {
          stream: of === OutputStream.STDERR ? ("stderr" as const) : ("stdout" as const),
          offset: Number(at),
          at: new Date(seenAt ? timestampMs(seenAt) : 0).toISOString(),
          data: bytes,
        };
      },
      signal,
    );
  }

  async *raw(options: OutputOptions = {}): AsyncGenerator<Uint8Array, void> {
    for await (const { data } of this.output(options)) yield data;
  }

  async stop({ grace, signal }: SignalOptions & { grace?: string | undefined } = {}): Promise<Job> {
    const graceMs = grace === undefined ? undefined : parseDuration(grace);
    if (graceMs === null) {
      throw new UsageError(`Cannot read --grace "${grace}": it is no time`, "Write it like --grace 5s");
    }
    const request = { ...this.#target(), ...(graceMs !== undefined && { graceMs }) };
    await this.#calls.unary("stopExecution", request, { signal, patient: true });
    return this.get();
  }

  /** The stream ends after the terminal event. */
  events({ signal }: SignalOptions = {}): AsyncGenerator<JobEvent, void> {
    let afterSeq = 0n;
    return resuming(
      this.#calls,
      () => this.#calls.stream("watchExecution", { ...this.#target(), afterSeq }, { signal }),
      (event) => {
        afterSeq = event.seq;
        return eventOf(event);
      },
      signal,
    );
  }

  async extend({ by, signal }: SignalOptions & { by: string }): Promise<Job> {
    return jobOf(await this.#calls.unary("extendExecution", { ...this.#target(), by }, { signal }));
  }

  async done({ signal }: SignalOptions & { mayFail: true }): Promise<Job> {
    for await (const _ of this.events({ signal }));
    return this.get();
  }

  #target(): { executionId: { value: string } } {
    return { executionId: { value: this.id } };
  }
}

const streams = { all: OutputStream.ALL, stdout: OutputStream.STDOUT, stderr: OutputStream.STDERR } as const;

/** A stream that is opened again where it was cut off, for as long as patience lasts. */
async function* resuming<Message, Value>(
  calls: Calls,
  open: () => AsyncIterable<Message>,
  read: (message: Message) => Value,
  signal: AbortSignal | undefined,
): AsyncGenerator<Value, void> {
  let failures = 0;
  let reached = false;
  for (let failingSince = performance.now(); ; ) {
    const openedAt = performance.now();
    try {
      for await (const message of open()) {
        reached = true;
        failures = 0;
        yield read(message);
      }
      return;
    } catch (error) {
      const now = performance.now();
      // Patience begins with the failure, not with the last message: a job may be silent for hours.
      if (failures === 0 || now - openedAt > longestConnectMs) failingSince = now;
      const mayComeBack = isBerthError(error) && ["SERVER_UNREACHABLE", "SHUTTING_DOWN"].includes(error.code);
      if (!mayComeBack || failingSince + followPatienceMs < now) throw error;
      // One that was never there is told at once.
      const neverThere = !reached && failures === 0 && now - openedAt < 100;
      if (neverThere && error.code === "SERVER_UNREACHABLE") throw error;
      failures += 1;
      // A connection that was cut and is there again at once is no news.
      if (failures > 1) calls.connection({ state: "away", error });
    }
    await pause(Math.min(100 * 2 ** failures, longestPauseMs), undefined, { signal });
    if (calls.isAway && (await calls.isReady(longestPauseMs))) calls.connection({ state: "back" });
  }
}

function idOf(executionId: ExecutionId | undefined): string {
  return executionId?.value ?? "";
}
