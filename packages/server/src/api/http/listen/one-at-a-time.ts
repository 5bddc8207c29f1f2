import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Requests of one connection that wait; it is not read on while there are as many. What one read brought is there already. */
const MOST_WAITING = 64;

/** Requests of all connections that wait, each of some 4 KiB. Over it, whose connection has more than its own is cut. */
const MOST_WAITING_IN_ALL = 16_384;

/** Of a connection whose request is not answered yet: what begins those that came after it. */
type Waiting = (() => void)[];

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Begins the requests of one connection one after another, each in a turn of the event loop of its own. A client may send a
 * million before it reads an answer: all would be worked on, and they and their answers held, before anybody else is looked
 * at; the answers go out in order anyway. What waits is as Node has read it, and known to nobody else yet.
 */
export function beginOneAtATime(server: Server): void {
  const handlers = server.listeners("request") as Handler[];
  const busy = new WeakMap<Socket, Waiting>();
  let waitingInAll = 0;

  function goOn(socket: Socket): void {
    const waiting = busy.get(socket) ?? [];
    // With the connection go those who would be answered.
    const begun = socket.destroyed ? waiting.splice(0) : waiting.splice(0, 1);
    waitingInAll -= begun.length;
    const [next] = begun;
    if (socket.destroyed || next === undefined) return void busy.delete(socket);
    if (waiting.length < MOST_WAITING && socket.isPaused()) socket.resume();
    next();
  }

  /** Once Node, which reads on after each request that it has read and after each answer, has begun to. */
  function holdBack(socket: Socket, waiting: Waiting): void {
    if (waiting.length < MOST_WAITING) return;
    queueMicrotask(() => {
      if (waiting.length >= MOST_WAITING) socket.pause();
    });
  }

  function begin(request: IncomingMessage, response: ServerResponse, waiting: Waiting): void {
    const { socket } = request;
    response.once("close", () => {
      holdBack(socket, waiting);
      if (waiting.length === 0) busy.delete(socket);
      else setImmediate(goOn, socket);
    });
    for (const handle of handlers) handle.call(server, request, response);
  }

  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const { socket } = request;
    // The rest of a read whose connection was cut in the middle of it.
    if (socket.destroyed) return;
    const waiting = busy.get(socket);
    if (waiting === undefined) {
      const none: Waiting = [];
      busy.set(socket, none);
      return begin(request, response, none);
    }
    if (waitingInAll >= MOST_WAITING_IN_ALL && waiting.length >= MOST_WAITING) return void socket.destroy();
    waitingInAll += 1;
    waiting.push(() => begin(request, response, waiting));
    holdBack(socket, waiting);
  });
}
