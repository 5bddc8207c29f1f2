import type { Server } from "node:http";
import { Server as SecureServer } from "node:https";
import type { Socket } from "node:net";

/** Requests of all connections that one round of the event loop takes in, before the rest is left to the next one. */
const MOST_IN_ROUND = 128;

/**
 * Has a round of the event loop take in few requests, whatever lies ready: one read of a connection may bring 1,500 of them,
 * which cost 15 ms before anybody is asked, and Node reads all connections of a round before it does anything else. Whoever
 * brought that many is read last from then on.
 */
export function readInTurns(server: Server): void {
  const open = new Set<Socket>();
  const held: Socket[] = [];
  let taken = 0;

  function beginRound(): void {
    taken = 0;
    for (const socket of held.splice(0)) socket.resume();
  }

  function leaveToNextRound(greedy: Socket): void {
    if (open.delete(greedy)) open.add(greedy);
    for (const socket of open) {
      if (socket === greedy || socket.isPaused()) continue;
      socket.pause();
      held.push(socket);
    }
  }

  server.on(server instanceof SecureServer ? "secureConnection" : "connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  server.prependListener("request", ({ socket }) => {
    if (taken === 0) setImmediate(beginRound);
    taken += 1;
    if (taken === MOST_IN_ROUND) leaveToNextRound(socket);
  });
}
