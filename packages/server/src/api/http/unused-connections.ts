import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Keeps an eye on connections over which nothing has come yet, as clients and browsers open them in advance. Node takes
 * them for busy when the server closes, and waits for them. The function that is returned closes those that there are.
 */
export function watchUnusedConnections(server: Server): () => void {
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  };
}
