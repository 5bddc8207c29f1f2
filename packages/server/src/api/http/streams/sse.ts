import { BerthError } from "@berth/protocol";
import type { FastifyRequest } from "fastify";

export const sseType = "text/event-stream";

/** Below the 30 s after which common proxies drop a silent connection. */
export const sseHeartbeat = { everyMs: 15_000, text: ":\n\n" };

/** One server-sent event. Its data is JSON as `JSON.stringify` writes it, so it holds no line break. */
export function sseEvent({ id, event, json }: { id: number; event: string; json: string }): string {
  return `id: ${id}\nevent: ${event}\ndata: ${json}\n\n`;
}

/** Where a client that lost its connection wants to go on; null for a first one. */
export function lastEventId(request: FastifyRequest): number | null {
  const text = request.headers["last-event-id"];
  if (text === undefined || text === "") return null;
  const id = typeof text === "string" && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  const field = 'headers["last-event-id"]';
  const message = "must be the id of an event of this stream";
  throw new BerthError("REQUEST_INVALID", `Cannot read the request: ${field} ${message}`, {
    problems: [{ field, message }],
  });
}
