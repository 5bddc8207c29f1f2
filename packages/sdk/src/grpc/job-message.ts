import { toJson } from "@bufbuild/protobuf";
import { timestampMs, type Timestamp, ValueSchema } from "@bufbuild/protobuf/wkt";
import type {
  Cause as CauseMessage,
  ContactCounts as ContactsMessage,
  ExecutionEvent,
  ExecutionInfoReply,
  Usage as UsageMessage,
} from "@berth/protocol/executor";
import type { Cause, ContactCounts, Job, JobEvent, Usage } from "@berth/protocol";
import { type ExactNumber, parseJson } from "../transport/exact-numbers.ts";

/** An execution as the job that it is, in the shape that REST gives it. */
export function jobOf(info: ExecutionInfoReply, exactNumber: ExactNumber | undefined): Job {
  return {
    id: info.executionId?.value ?? "",
    name: info.name || null,
    labels: info.labels,
    state: info.state as Job["state"],
    cause: causeOf(info.cause),
    exitCode: ownCodeOf(info),
    signal: info.signal || null,
    createdAt: isoOf(info.createdAt) ?? "",
    startedAt: isoOf(info.startedAt),
    endedAt: isoOf(info.endedAt),
    deadlineAt: isoOf(info.deadlineAt),
    usage: usageOf(info.usage),
    isolation: info.isolation
      ? {
          level: info.isolation.level,
          items: info.isolation.items.map(({ name, applied, detail }) => ({ name, applied, detail })),
        }
      : null,
    engine: info.engine,
    // Older servers have no other.
    network: info.network || "none",
    ...(info.contacts && { contacts: contactsOf(info.contacts) }),
    owner: info.owner,
    spec: { command: info.command, args: info.args },
    result: resultOf(info, exactNumber),
  };
}

/** An event in the shape that REST gives it. */
export function eventOf({
  executionId,
  seq,
  type,
  at,
  cause,
  exitCode,
  deadlineAt,
}: ExecutionEvent): JobEvent {
  return {
    seq: Number(seq),
    jobId: executionId?.value ?? "",
    type: type as JobEvent["type"],
    at: isoOf(at) ?? "",
    cause: causeOf(cause),
    exitCode: exitCode ?? null,
    deadlineAt: isoOf(deadlineAt),
  };
}

function contactsOf({ reached, refused, others }: ContactsMessage): ContactCounts {
  return { reached: Number(reached), refused: Number(refused), others: Number(others) };
}

function resultOf({ result, resultJson }: ExecutionInfoReply, exactNumber: ExactNumber | undefined): unknown {
  if (resultJson !== "") return parseJson(resultJson, exactNumber);
  return result ? toJson(ValueSchema, result) : null;
}

/** What its program ended with. `exitCode` of the wire is how it came out; older servers told no other. */
function ownCodeOf({ commandExitCode, exitCode, signal, cause }: ExecutionInfoReply): number | null {
  if (commandExitCode !== undefined) return commandExitCode;
  return signal === "" && cause?.code === "exit" ? (exitCode ?? null) : null;
}

function causeOf(cause: CauseMessage | undefined): Cause | null {
  if (cause === undefined) return null;
  const { code, message, evidence = {} } = cause;
  return { code: code as Cause["code"], message, evidence: evidence as Cause["evidence"] };
}

function usageOf(usage: UsageMessage | undefined): Usage {
  return {
    cpuMs: numberOf(usage?.cpuMs),
    wallMs: numberOf(usage?.wallMs),
    peakMemoryBytes: numberOf(usage?.peakMemoryBytes),
    outputBytes: Number(usage?.outputBytes ?? 0n),
    ...(usage?.outputDropped !== undefined && { outputDropped: Number(usage.outputDropped) }),
  };
}

function numberOf(value: bigint | undefined): number | null {
  return value === undefined ? null : Number(value);
}

function isoOf(time: Timestamp | undefined): string | null {
  return time === undefined ? null : new Date(timestampMs(time)).toISOString();
}
