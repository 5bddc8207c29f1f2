import type { OutputStream as StreamName } from "@berth/protocol";
import { type ExecutionIdRequest, OutputStream } from "@berth/protocol/executor";
import { requestInvalid } from "../../../core/input/check.ts";
import type { Context } from "../../../operations/context.ts";
import { readOutput } from "../../../operations/jobs/read-output.ts";
import type { AdmittedCall } from "../admitted-call.ts";
import type { InPieces } from "../messages/in-pieces.ts";
import { encodeOutChunk } from "../messages/out-chunk.ts";
import { targetOf } from "../messages/target.ts";
import type { Outgoing } from "../outbox.ts";

const streamNames: Readonly<Record<number, StreamName>> = {
  [OutputStream.ALL]: "all",
  [OutputStream.STDOUT]: "stdout",
  [OutputStream.STDERR]: "stderr",
};

export async function* getOutStream(
  context: Context,
  request: ExecutionIdRequest,
  call: AdmittedCall,
): AsyncGenerator<Outgoing<InPieces>> {
  const target = targetOf(request, call);
  const { stream, offset } = rangeOf(request);
  const { signal } = call;
  const follow = request.follow ?? true;
  const chunks = await readOutput(context, { ...target, stream, offset, follow, signal });
  for await (const chunk of chunks) yield { message: encodeOutChunk(chunk), release: chunk.release };
}

function rangeOf(request: ExecutionIdRequest): { stream: StreamName; offset: number } {
  const stream = streamNames[request.stream];
  const offset = Number(request.offset);
  const problems = [
    ...(stream === undefined
      ? [{ field: "stream", message: "must be 0 (all), 1 (stdout) or 2 (stderr)" }]
      : []),
    ...(Number.isSafeInteger(offset) ? [] : [{ field: "offset", message: "must be below 2^53" }]),
  ];
  if (stream === undefined || problems.length > 0) throw requestInvalid(problems);
  return { stream, offset };
}
