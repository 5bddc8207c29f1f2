import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { type Door, type DoorOptions, openPacketDoor } from "../../src/engines/local/resolver/packet-door.ts";
import { openStreamDoor } from "../../src/engines/local/resolver/stream-door.ts";
import { StreamMessages, writeStreamMessage } from "../../src/lib/dns/stream-messages.ts";
import { until } from "../support/until.ts";

const text = (message: Buffer): string => message.toString("latin1");
const options: DoorOptions & { knows: (from: string) => boolean } = {
  knows: () => true,
  address: "127.0.0.1",
  port: 0,
  answer: (from, message) =>
    Promise.resolve(text(message) === "nothing" ? null : Buffer.from(`${from} ${text(message)}`)),
  onProblem(error) {
    throw error;
  },
};

/** What comes back on one connection, until the other side ends it. */
async function say(door: Door, ...parts: Buffer[]): Promise<string[]> {
  const socket = connect(door.port, "127.0.0.1");
  const told: string[] = [];
  const messages = new StreamMessages();
  socket.on("data", (bytes: Buffer) => {
    messages.push(bytes);
    for (let one = messages.shift(); one !== null; one = messages.shift()) told.push(text(one));
  });
  socket.on("error", () => undefined);
  for (const part of parts) socket.write(part);
  socket.end();
  await once(socket, "close");
  return told;
}
const question = (name: string): Buffer => writeStreamMessage(Buffer.from(name));

describe("the door for packets", () => {
  it("sends each answer back to where its question came from, and nothing where there is none", async () => {
    await using door = await openPacketDoor(options);
    const sockets = [createSocket("udp4"), createSocket("udp4")];
    const told: string[][] = [[], []];
    for (const [n, socket] of sockets.entries()) {
      socket.on("message", (message) => told[n]?.push(text(message)));
      for (const word of ["nothing", `one${n}`]) socket.send(word, door.port, "127.0.0.1");
    }
    await until(() => told.every(({ length }) => length > 0), { what: "both answers" });
    expect(told).toEqual([["127.0.0.1 one0"], ["127.0.0.1 one1"]]);
    for (const socket of sockets) socket.close();
  });

  it("says when all that had come is heard, and then that of nobody when it is closed", async () => {
    const heard: string[] = [];
    const answer: DoorOptions["answer"] = (_from, message) => {
      heard.push(text(message));
      return Promise.resolve(null);
    };
    const door = await openPacketDoor({ ...options, answer });
    const socket = createSocket("udp4");
    socket.connect(door.port, "127.0.0.1");
    await once(socket, "connect");
    // More than are read in one turn, sent at once.
    const words = Array.from({ length: 100 }, (_, n) => `word ${n}`);
    for (const word of words) socket.send(word);
    await door.heard();
    expect(heard).toEqual(words);
    socket.close();
    await door[Symbol.asyncDispose]();
    await door.heard();
  });

  it("says that it cannot be opened", async () => {
    await using door = await openPacketDoor(options);
    await expect(openPacketDoor({ ...options, port: door.port })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    await expect(openPacketDoor({ ...options, address: "192.0.2.1" })).rejects.toMatchObject({
      code: "EADDRNOTAVAIL",
    });
  });
});

describe("the door for streams", () => {
  it("answers one question after another on a connection, also of one who sends all at once and ends", async () => {
    await using door = await openStreamDoor(options);
    const [one, two] = [question("one"), question("two")];
    expect(await say(door, Buffer.concat([one, two]))).toEqual(["127.0.0.1 one", "127.0.0.1 two"]);
    expect(await say(door, one.subarray(0, 1), one.subarray(1, 3), one.subarray(3))).toEqual([
      "127.0.0.1 one",
    ]);
  });

  it("ends a connection of whoever is not known before it has said anything", async () => {
    await using door = await openStreamDoor({ ...options, knows: () => false, patienceMs: 2 ** 30 });
    const socket = connect(door.port, "127.0.0.1").on("error", () => undefined);
    socket.resume();
    await once(socket, "close");
    expect(socket.bytesRead).toBe(0);
  });

  it("ends a connection whose question has no answer", async () => {
    await using door = await openStreamDoor(options);
    expect(await say(door, question("one"), question("nothing"), question("two"))).toEqual(["127.0.0.1 one"]);
  });

  it("ends a connection whose question is longer than any, before all of it has come", async () => {
    await using door = await openStreamDoor({ ...options, patienceMs: 2 ** 30 });
    const socket = connect(door.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(writeStreamMessage(Buffer.alloc(60_000)).subarray(0, 50_000));
    const isClosed = await until(() => socket.resume().closed, { what: "the end of the connection" });
    expect(isClosed).toBe(true);
  });

  it("ends a connection that asks nothing, or never ends its question", async () => {
    await using door = await openStreamDoor({ ...options, patienceMs: 20 });
    const sockets = [connect(door.port, "127.0.0.1"), connect(door.port, "127.0.0.1")];
    sockets[1]?.write(question("one").subarray(0, 3));
    const ends = await Promise.allSettled(sockets.map((socket) => once(socket.resume(), "close")));
    expect(ends).toHaveLength(2);
  });

  it("has eight connections of one, and room for more when some of these end", async () => {
    await using door = await openStreamDoor(options);
    const open: Socket[] = [];
    const heard = async (): Promise<boolean> => {
      const socket = connect(door.port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write(question("one"));
      const answered = await Promise.race([
        once(socket, "data").then(() => true),
        once(socket, "close").then(() => false),
      ]);
      if (answered) open.push(socket);
      return answered;
    };
    for (let n = 0; n < 8; n += 1) expect(await heard()).toBe(true);
    expect(await heard()).toBe(false);
    open.shift()?.destroy();
    await until(heard, { what: "room for another connection" });
    for (const socket of open) socket.destroy();
  });

  it("closes while connections are open", async () => {
    const door = await openStreamDoor(options);
    const socket = connect(door.port, "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    await door[Symbol.asyncDispose]();
    const isClosed = await until(() => socket.resume().closed, { what: "the end of the connection" });
    expect(isClosed).toBe(true);
  });
});
