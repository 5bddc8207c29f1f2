import type { JobEvent } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import { asJobEvent } from "../resources/answers.ts";
import type { Http } from "../transport/http.ts";
import { readLines } from "../transport/lines.ts";
import { parseJson } from "../transport/ndjson.ts";
import { readBody } from "../transport/read-body.ts";
import { parseSse } from "../transport/sse.ts";

/** The server sends a heartbeat every 15 s: three missed ones are a dead connection. */
const SILENCE_MS = 45_000;

/** A job's events as the server sends them over one connection. */
export async function openEvents(
  http: Http,
  id: string,
  { afterSeq, signal }: { afterSeq: number | null; signal: AbortSignal },
): Promise<AsyncIterable<JobEvent>> {
  const { url } = http;
  const answer = await http.open({
    route: routes.watchJob,
    id,
    headers: afterSeq === null ? {} : { "last-event-id": String(afterSeq) },
    accept: "text/event-stream",
    signal,
  });
  return parseEvents(readBody(answer, { url, signal, silenceMs: SILENCE_MS }), url);
}

async function* parseEvents(bytes: AsyncIterable<Uint8Array>, url: string): AsyncGenerator<JobEvent, void> {
  for await (const { data } of parseSse(readLines(bytes, { url }), { url })) {
    yield asJobEvent(parseJson(data, url), url);
  }
}
