import { create, toBinary } from "@bufbuild/protobuf";
import {
  type ExecutionInfoReply,
  ExecutionInfoReplySchema,
  ExecutionListReplySchema,
} from "@berth/protocol/executor";

/** An ExecutionListReply in the making: each execution is encoded in the turn in which it was read. */
export interface ExecutionList {
  /** Encoded, each with its tag and length. */
  readonly entries: readonly Uint8Array[];
  readonly next: string;
}

/** Field 1, with a length. */
const executionsTag = (1 << 3) | 2;

/** One of `executions`, as it lies in the message. */
export function encodeEntry(execution: ExecutionInfoReply): Uint8Array {
  const body = toBinary(ExecutionInfoReplySchema, execution);
  const head = [executionsTag];
  let { length } = body;
  for (; length >= 128; length >>>= 7) head.push((length & 127) | 128);
  head.push(length);
  return Buffer.concat([Buffer.from(head), body]);
}

/** Puts the message together; making three megabytes of it here would hold the event loop for a fifth of a second. */
export function encodeExecutionList({ entries, next }: ExecutionList): Buffer {
  const rest = toBinary(ExecutionListReplySchema, create(ExecutionListReplySchema, { next }));
  return Buffer.concat([...entries, rest]);
}
