import type { Server, ServerResponse } from "node:http";
import { Server as SecureServer } from "node:https";
import type { Socket } from "node:net";
import type { Turns } from "../../../lib/turns/turns.ts";
import { carrierOf, hasBeenUsed } from "./carriers.ts";

/** The connections that are open. */
export interface Connections {
  /** A known caller has asked for this: the connection stays, whoever else comes, until the answer is complete. */
  vouch(socket: Socket, response: ServerResponse): void;
  /**
   * Closes those over which no request has come yet, as clients and browsers open them in advance. Node takes them for busy
   * when the server closes, and waits for them.
   */
  closeUnused(): void;
}

/**
 * Watches over them: with one more than `most`, the oldest that nobody known uses at the moment is closed. Connections that
 * somebody opens without a token drive out each other, and an administrator gets in.
 */
export function watchConnections(
  server: Server,
  { most, turns }: { most: number; turns: Pick<Turns, "arrive"> },
): Connections {
  const idle = new Set<Socket>();
  const used = new Map<Socket, number>();
  server.on("connection", (socket) => {
    turns.arrive();
    idle.add(socket);
    socket.once("close", () => {
      idle.delete(socket);
      used.delete(socket);
    });
    if (idle.size + used.size <= most) return;
    const [oldest] = idle;
    oldest?.destroy();
  });

  function leave(socket: Socket): void {
    const count = used.get(socket) ?? 0;
    if (count > 1) used.set(socket, count - 1);
    else if (used.delete(socket) && !socket.destroyed) idle.add(socket);
  }

  return {
    vouch(inner, response) {
      const socket = carrierOf(inner);
      used.set(socket, (used.get(socket) ?? 0) + 1);
      idle.delete(socket);
      response.once("close", () => leave(socket));
    },
    closeUnused() {
      const isSecure = server instanceof SecureServer;
      for (const socket of idle) if (!hasBeenUsed(socket, { isSecure })) socket.destroy();
    },
  };
}
