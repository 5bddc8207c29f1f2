import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/** Of a connection whose request is not answered yet: what begins those that came after it. */
type Waiting = (() => void)[];

/**
 * Begins the requests of one connection one after another, each in a turn of the event loop of its own. A client may send a
 * thousand before it reads an answer, which come in one piece and would all be worked on, and their answers held, before
 * anybody else is looked at; the answers go out in order anyway. To be added before every other hook.
 */
export function beginOneAtATime(app: FastifyInstance): void {
  const busy = new WeakMap<Socket, Waiting>();

  function goOn(socket: Socket): void {
    // With the connection go those who would be answered.
    const next = socket.destroyed ? undefined : busy.get(socket)?.shift();
    if (next === undefined) busy.delete(socket);
    else next();
  }

  app.addHook("onRequest", (request, reply, done) => {
    const { socket } = request.raw;
    const begin = (): void => {
      reply.raw.once("close", () => {
        if (busy.get(socket)?.length === 0) busy.delete(socket);
        else setImmediate(goOn, socket);
      });
      done();
    };
    const waiting = busy.get(socket);
    if (waiting !== undefined) return void waiting.push(begin);
    busy.set(socket, []);
    begin();
  });
}
