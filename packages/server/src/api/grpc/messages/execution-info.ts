import { create } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Cause as JobCause, ContactCounts } from "@berth/protocol";
import {
  type Cause,
  CauseSchema,
  type ContactCounts as ContactCountsMessage,
  ContactCountsSchema,
  type ExecutionId,
  ExecutionIdSchema,
  type ExecutionInfoReply,
  ExecutionInfoReplySchema,
  IsolationSchema,
  type Usage,
  UsageSchema,
} from "@berth/protocol/executor";
import type { Job } from "../../../core/job/job.ts";
import { executionExitCode, executionStatus } from "./execution-status.ts";
import { addFields, sourceFields } from "./large-fields.ts";

/**
 * A job as the wire shows it. What it does not know is absent, or empty where the wire has no absence. `fields` are some of
 * its fields encoded: the result, and the source where `withSource`.
 */
export function executionInfo(
  job: Job,
  { fields, withSource }: { fields: Uint8Array; withSource: boolean },
): ExecutionInfoReply {
  const exitCode = executionExitCode(job);
  const { startedAt, endedAt, deadlineAt } = job;
  const message = create(ExecutionInfoReplySchema, {
    executionId: executionId(job.id),
    status: executionStatus(job),
    ...(exitCode !== undefined && { exitCode }),
    state: job.state,
    ...(job.cause && { cause: causeMessage(job.cause) }),
    ...(job.exitCode !== null && { commandExitCode: job.exitCode }),
    signal: job.signal ?? "",
    createdAt: timestampFromMs(job.createdAt),
    ...(startedAt !== null && { startedAt: timestampFromMs(startedAt) }),
    ...(endedAt !== null && { endedAt: timestampFromMs(endedAt) }),
    ...(deadlineAt !== null && { deadlineAt: timestampFromMs(deadlineAt) }),
    usage: usageMessage(job.usage),
    name: job.name ?? "",
    labels: job.labels,
    ...(!withSource && sourceFields(job.spec.view)),
    owner: job.owner,
    engine: job.engine,
    network: job.network?.name ?? "none",
    ...(job.contacts && { contacts: contactsMessage(job.contacts) }),
    ...(job.isolation && { isolation: create(IsolationSchema, job.isolation) }),
    resultJson: job.resultJson !== null && mayBeRounded.test(job.resultJson) ? job.resultJson : "",
  });
  return addFields(message, fields);
}

/** What a number beyond a double looks like. Texts that look like one come with it for nothing. */
const mayBeRounded = /\d[\d.]{15}|\d[eE]/;

export function executionId(value: string): ExecutionId {
  return create(ExecutionIdSchema, { value });
}

export function causeMessage({ code, message, evidence }: JobCause): Cause {
  return create(CauseSchema, { code, message, evidence });
}

export function timeOrNone(ms: number | null): Timestamp | undefined {
  return ms === null ? undefined : timestampFromMs(ms);
}

function contactsMessage({ reached, refused, others }: ContactCounts): ContactCountsMessage {
  return create(ContactCountsSchema, {
    reached: BigInt(reached),
    refused: BigInt(refused),
    others: BigInt(others),
  });
}

function usageMessage(usage: Job["usage"]): Usage {
  const { cpuMs, wallMs, peakMemoryBytes, outputBytes, outputDropped = null } = usage;
  return create(UsageSchema, {
    ...(cpuMs !== null && { cpuMs: BigInt(Math.round(cpuMs)) }),
    ...(wallMs !== null && { wallMs: BigInt(Math.max(0, Math.round(wallMs))) }),
    ...(peakMemoryBytes !== null && { peakMemoryBytes: BigInt(peakMemoryBytes) }),
    outputBytes: BigInt(outputBytes),
    ...(outputDropped !== null && { outputDropped: BigInt(outputDropped) }),
  });
}
