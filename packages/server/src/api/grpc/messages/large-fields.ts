import type { MessageInitShape } from "@bufbuild/protobuf";
import { type JobSpecView, sourceOf } from "@berth/protocol";
import { type ExecutionInfoReply, ExecutionInfoReplySchema } from "@berth/protocol/executor";
import { valueBytes } from "./value-bytes.ts";

/** The fields of an execution that may be megabytes. */
export function sourceFields(view: JobSpecView): MessageInitShape<typeof ExecutionInfoReplySchema> {
  const source = sourceOf(view);
  switch (source.kind) {
    case "command":
      return { command: source.command, args: [...source.args] };
    default:
      return source.kind satisfies never;
  }
}

/** `result` as it lies in the message. */
export function resultField(resultJson: string): Uint8Array {
  return Buffer.concat([RESULT, valueBytes(JSON.parse(resultJson))]);
}

/** Two bytes, as its number is above 15. */
const tag = (ExecutionInfoReplySchema.field.result.number << 3) | 2;
const RESULT = Uint8Array.of((tag & 127) | 128, tag >>> 7);

/**
 * Takes fields along that are encoded already: an encoder writes what it does not know as it came. It writes the tag of the
 * first one itself.
 */
export function addFields(message: ExecutionInfoReply, encoded: Uint8Array): ExecutionInfoReply {
  let first = 0;
  let at = 0;
  for (let shift = 0; at < encoded.length; shift += 7) {
    const byte = encoded[at] ?? 0;
    at += 1;
    first |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  if (at > 0) message.$unknown = [{ no: first >>> 3, wireType: first & 7, data: encoded.subarray(at) }];
  return message;
}
