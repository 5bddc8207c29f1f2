import type { Socket } from "node:net";
import { framed, syslogMessage } from "../../core/audit/syslog-message.ts";
import { deadlineSignal, joinSignals } from "../../lib/signals.ts";
import { connect } from "../../outbound/connect.ts";
import type { Target } from "./target.ts";

export interface SyslogOptions {
  host: string;
  port: number;
  /** null: not encrypted. */
  tls: { ca: string | null } | null;
  /** What this host is called in the messages. */
  ownHost: string;
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
/** Connecting takes at least one; a name that is looked up slowly says nothing of it. */
const SHORTEST_TRIP_MS = 20;
const LONGEST_TRIP_MS = 1000;

/**
 * RFC 5424 over TCP or TLS. The protocol knows no acknowledgement, and what was written may lie in a buffer of a receiver that
 * goes down: so every batch has a connection of its own, which this side ends, and counts once the other side has ended it in
 * turn, as a receiver does when it has read to the end. One that goes before has left something unread, and its host resets it.
 */
export function syslogTarget({ host, port, tls, ownHost, timeoutMs = TIMEOUT_MS }: SyslogOptions): Target {
  return {
    name: "syslog",
    place: `${tls === null ? "tcp" : "tls"}://${host.includes(":") ? `[${host}]` : host}:${port}`,
    async send(records, signal) {
      const bytes = Buffer.from(
        records.map((record) => framed(syslogMessage(record, ownHost))).join(""),
        "latin1",
      );
      const late = new Error(`it has not taken them within ${timeoutMs} ms`);
      using deadline = deadlineSignal(timeoutMs, late);
      using ending = joinSignals(signal, deadline.signal);
      const begun = performance.now();
      // The operator has named it: most such servers are within a house.
      const socket = await connect({ host, port, tls, reach: "anywhere" }, ending.signal);
      const tookMs = performance.now() - begun;
      const roundTripMs = Math.min(Math.max(2 * tookMs, SHORTEST_TRIP_MS), LONGEST_TRIP_MS);
      await deliver(socket, bytes, { roundTripMs, signal: ending.signal });
    },
  };
}

/**
 * An end that the other side has sent before it had anything comes back in the time of a round trip: only after that one this
 * side ends, so that no early end is taken for the answer to its own.
 */
async function deliver(
  socket: Socket,
  bytes: Buffer,
  { roundTripMs, signal }: { roundTripMs: number; signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const early = (): void => reject(new Error("it has ended the connection before it had all of them"));
  const giveUp = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", giveUp, { once: true });
  let isSent = false;
  socket.on("error", reject).on("close", early);
  socket.on("end", () => (isSent ? resolve() : early()));
  // Whatever it says is of no interest, but the end is seen only by who reads.
  socket.resume();
  const end = (): void => void socket.end(() => (isSent = true));
  let ending: NodeJS.Timeout | undefined;
  socket.write(bytes, () => (ending = setTimeout(end, roundTripMs)));
  try {
    await promise;
  } finally {
    clearTimeout(ending);
    signal.removeEventListener("abort", giveUp);
    socket.destroy();
  }
}
