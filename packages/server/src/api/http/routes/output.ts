import { encodeFrameHead, frameHeadBytes, outputFramesType } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { keyOf } from "../../../core/caller/principal.ts";
import type { Context } from "../../../operations/context.ts";
import { readOutput } from "../../../operations/jobs/read-output.ts";
import type { Events } from "../../../telemetry/events.ts";
import { midStreamFailure } from "../errors.ts";
import { addOperation } from "../operation-route.ts";
import { negotiate } from "../streams/accept.ts";
import { encodeChunk } from "../streams/encode-chunk.ts";
import type { OpenAnswers } from "../streams/open-answers.ts";
import { type Piece, sendStream, type StreamOptions } from "../streams/send-stream.ts";
import { lastEventId, sseEvent, sseHeartbeat, sseType } from "../streams/sse.ts";

type Chunks = Awaited<ReturnType<typeof readOutput>>;

/** Output as raw bytes, as lines of JSON, or as server-sent events. */
export function addOutput(
  app: FastifyInstance,
  { context, openAnswers, events }: { context: Context; openAnswers: OpenAnswers; events: Events },
): void {
  addOperation(app, "readOutput", async ({ caller, params: { id }, query, request, reply }) => {
    const contentType = negotiate(request.headers.accept, [
      "application/octet-stream",
      "application/x-ndjson",
      sseType,
      outputFramesType,
    ]);
    const isSse = contentType === sseType;
    const offset = (isSse ? lastEventId(request) : null) ?? query.offset;
    const signal = openAnswers.streamOf(reply.raw, caller);
    const chunks = await readOutput(context, { caller, id, ...query, offset, signal });
    await sendStream(reply, encoders[contentType](chunks, { offset, signal }), {
      contentType,
      signal,
      turn: () => context.turns.pass(keyOf(caller.principal)),
      eager: query.follow,
      // All of it is ASCII.
      encoding: "latin1",
      onError: (error) => events.requestFailed(midStreamFailure(request, error)),
      heartbeat: heartbeats[contentType],
    });
  });
}

const heartbeats: Readonly<Record<string, StreamOptions["heartbeat"]>> = {
  [sseType]: sseHeartbeat,
  [outputFramesType]: { ...sseHeartbeat, text: "\0".repeat(frameHeadBytes) },
};

const encoders = {
  "application/octet-stream": raw,
  "application/x-ndjson": lines,
  "text/event-stream": serverSent,
  [outputFramesType]: frames,
};

function raw(chunks: Chunks): AsyncIterable<Piece> {
  return chunks;
}

/** Each piece behind a head; the end is said, so that nobody takes a proxy that tires for it. */
async function* frames(
  chunks: Chunks,
  { offset, signal }: { offset: number; signal: AbortSignal },
): AsyncGenerator<Piece> {
  let next = offset;
  for await (const { stream, offset: begin, at, data, release } of chunks) {
    next = begin + data.length;
    const head = encodeFrameHead({ kind: stream, size: data.length, offset: begin, at });
    yield { head, data, ...(release !== undefined && { release }) };
  }
  if (!signal.aborted) yield { data: encodeFrameHead({ kind: "end", size: 0, offset: next, at: 0 }) };
}

async function* lines(chunks: Chunks): AsyncGenerator<Piece> {
  for await (const chunk of chunks) yield () => `${encodeChunk(chunk)}\n`;
}

/** The id of each event is the offset to go on from; `end` says that no more will come, so nobody need reconnect. */
async function* serverSent(
  chunks: Chunks,
  { offset, signal }: { offset: number; signal: AbortSignal },
): AsyncGenerator<Piece> {
  let next = offset;
  for await (const chunk of chunks) {
    const id = chunk.offset + chunk.data.length;
    next = id;
    yield () => sseEvent({ id, event: "output", json: encodeChunk(chunk) });
  }
  if (!signal.aborted)
    yield () => sseEvent({ id: next, event: "end", json: JSON.stringify({ offset: next }) });
}
