import type { Job, JobEvent } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import { isTerminal } from "@berth/protocol/states";
import { follow } from "../transport/follow.ts";
import type { Http } from "../transport/http.ts";
import { readLines } from "../transport/lines.ts";
import { parseJson } from "../transport/ndjson.ts";
import { parseSse } from "../transport/sse.ts";
import { asJobEvent } from "./answers.ts";

/** Which events to read. */
export interface EventOptions {
  /** Events after this one. Default: from the first. */
  afterSeq?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** The server sends a heartbeat every 15 s: three missed ones are a dead connection. */
const SILENCE_MS = 45_000;

/** A job's events until the terminal one, each once, over as many connections as it takes. */
export function readEvents(
  owner: { http: Http; id: string; get(): Promise<Job> },
  options: EventOptions,
): AsyncGenerator<JobEvent, void> {
  const { http, id } = owner;
  const { url } = http;
  let seq = options.afterSeq ?? null;
  let ended = false;
  let broughtAny = false;
  let hadEnded = false;

  async function* parse(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<JobEvent, void> {
    broughtAny = false;
    for await (const { data } of parseSse(readLines(bytes, { url }), { url })) {
      const event = asJobEvent(parseJson(data, url), url);
      if (seq !== null && event.seq <= seq) continue;
      seq = event.seq;
      broughtAny = true;
      ended = event.type !== "extended" && isTerminal(event.type);
      yield event;
    }
  }

  /** Who has seen the terminal event before is sent none: an answer that begins after the end and brings nothing says so. */
  async function isOver(): Promise<boolean> {
    if (ended || (hadEnded && !broughtAny)) return true;
    hadEnded = !broughtAny && isTerminal((await owner.get()).state);
    return false;
  }

  const headers = (): Record<string, string> => (seq === null ? {} : { "last-event-id": String(seq) });
  return follow(
    {
      url,
      open: (signal) =>
        http.open({ route: routes.watchJob, id, headers: headers(), accept: "text/event-stream", signal }),
      parse,
      isOver,
      silenceMs: SILENCE_MS,
    },
    { patienceMs: http.patience.followMs, connection: http.connection, signal: options.signal },
  );
}
