import { outputFramesType } from "@berth/protocol/output-frames";
import { routes } from "@berth/protocol/routes";
import { asOutputChunk } from "../resources/answers.ts";
import type { OutputChunk } from "../resources/job/output-chunk.ts";
import type { OutputCall } from "../resources/job/job-wire.ts";
import { asNative, fromBase64 } from "../transport/base64.ts";
import { readFrames } from "../transport/frames.ts";
import type { Http } from "../transport/http.ts";
import { readLines } from "../transport/lines.ts";
import { parseJson, parseNdjson } from "../transport/ndjson.ts";
import { readBody } from "../transport/read-body.ts";
import { parseSse } from "../transport/sse.ts";
import type { Answer } from "../transport/transport.ts";

/** The server sends a heartbeat every 15 s on a stream that can carry one: three missed ones are a dead connection. */
const SILENCE_MS = 45_000;

/** Bytes alone have no heartbeat: after this silence they are asked for anew, from where they were. */
const BARE_SILENCE_MS = 300_000;

const sseType = "text/event-stream";

/** Pieces with stream, offset and time, over one connection; null where the server says that all is here. */
export async function openChunks(
  http: Http,
  id: string,
  call: OutputCall,
): Promise<AsyncIterable<OutputChunk | null>> {
  const { url } = http;
  const { follow, signal } = call;
  // Servers older than frames answer in text.
  const accept = `${outputFramesType}, ${follow ? sseType : "application/x-ndjson"};q=0.5`;
  const answer = await open(http, { id, accept, call });
  const bytes = readBody(answer, { url, signal, silenceMs: follow ? SILENCE_MS : undefined });
  if (answer.contentType === outputFramesType) return parseFrames(bytes, url);
  const lines = readLines(bytes, { url });
  return follow ? parseEvents(lines, url) : parseLines(lines, url);
}

/** Bytes only, as fast as the connection brings them. */
export async function openBytes(
  http: Http,
  id: string,
  call: OutputCall,
): Promise<AsyncIterable<Uint8Array>> {
  const answer = await open(http, { id, accept: "application/octet-stream", call });
  return readBody(answer, { url: http.url, signal: call.signal, silenceMs: BARE_SILENCE_MS });
}

function open(http: Http, asked: { id: string; accept: string; call: OutputCall }): Promise<Answer> {
  const { stream, offset, follow, stage, signal } = asked.call;
  const query = { stream, offset, follow, stage };
  return http.open({ route: routes.readOutput, id: asked.id, query, accept: asked.accept, signal });
}

async function* parseFrames(
  bytes: AsyncIterable<Uint8Array>,
  url: string,
): AsyncGenerator<OutputChunk | null, void> {
  for await (const { kind, offset, at, data } of readFrames(bytes, { url })) {
    if (kind === "end") yield null;
    else if (kind !== "alive")
      yield { stream: kind, offset, at: new Date(at).toISOString(), data: asNative(data) };
  }
}

/** The pieces of an event stream; the server's `end` says that no more will come. */
async function* parseEvents(
  lines: AsyncIterable<string>,
  url: string,
): AsyncGenerator<OutputChunk | null, void> {
  for await (const { type, data } of parseSse(lines, { url })) {
    if (type === "end") yield null;
    else if (type === "output" || type === "message") yield chunkOf(parseJson(data, url), url);
  }
}

async function* parseLines(lines: AsyncIterable<string>, url: string): AsyncGenerator<OutputChunk, void> {
  for await (const value of parseNdjson(lines, { url })) yield chunkOf(value, url);
}

function chunkOf(value: unknown, url: string): OutputChunk {
  const { stream, offset, at, data } = asOutputChunk(value, url);
  return { stream, offset, at, data: fromBase64(data) };
}
