import { expect, it } from "vitest";
import { answerOf } from "./fetch-transport.ts";
import { joined, readBody, readJson } from "./read-body.ts";

const url = "http://test";

it("reads JSON up to its bound and no further", async () => {
  const read = (maxBytes: number): Promise<unknown> =>
    readJson(answerOf(new Response('{"a":1}')), { url, maxBytes });
  expect(await read(7)).toEqual({ a: 1 });
  await expect(read(6)).rejects.toMatchObject({ code: "RESPONSE_INVALID" });
});

it("takes silence for a dead connection, but only while it waits", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  void writer.write(Uint8Array.of(1)).catch(() => undefined);
  const bytes = readBody(answerOf(new Response(readable)), { url, silenceMs: 50 });
  expect((await bytes.next()).value).toEqual(Uint8Array.of(1));
  // The reader is busy for longer than the silence that it bears: the piece that came meanwhile is still there.
  void writer.write(Uint8Array.of(2)).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect((await bytes.next()).value).toEqual(Uint8Array.of(2));
  await expect(bytes.next()).rejects.toMatchObject({ code: "SERVER_UNREACHABLE" });
});

const from = (reader: object) => ({ reader: () => reader as never });

it("has nothing of an answer without a body", async () => {
  expect(await Array.fromAsync(readBody({ reader: () => null }, { url }))).toEqual([]);
});

it("ends the request when the caller stops reading, when it ends and when it fails", async () => {
  let cancelled = 0;
  const reader = {
    read: async () => ({ done: false, value: Uint8Array.of(1) }),
    cancel: async () => void (cancelled += 1),
  };
  for await (const piece of readBody(from(reader), { url })) {
    expect(piece).toEqual(Uint8Array.of(1));
    break;
  }
  await Array.fromAsync(readBody(from({ ...reader, read: async () => ({ done: true }) }), { url }));
  const failing = { ...reader, read: () => Promise.reject(Object.assign(new Error("x"), { code: "EPIPE" })) };
  await expect(Array.fromAsync(readBody(from(failing), { url }))).rejects.toMatchObject({
    code: "SERVER_UNREACHABLE",
    message: 'Cannot reach the server "http://test": the connection was cut',
  });
  await expect(
    Array.fromAsync(readBody(from(failing), { url, signal: AbortSignal.abort("enough") })),
  ).rejects.toBe("enough");
  expect(cancelled).toBe(4);
});

it("says of silence that nothing more comes, and lets other failures be what they are", async () => {
  const quiet = { read: () => new Promise(() => undefined), cancel: async () => undefined };
  let end: (read: object) => void = () => undefined;
  const orderly = {
    read: () => new Promise((resolve) => (end = resolve)),
    cancel: async () => end({ done: true }),
  };
  const failing = { ...quiet, read: () => Promise.reject(Object.assign(new Error("x"), { code: "EPIPE" })) };
  await expect(Array.fromAsync(readBody(from(orderly), { url, silenceMs: 5 }))).rejects.toMatchObject({
    message: 'Cannot reach the server "http://test": the server sends nothing more',
  });
  await expect(Array.fromAsync(readBody(from(failing), { url, silenceMs: 50 }))).rejects.toMatchObject({
    message: 'Cannot reach the server "http://test": the connection was cut',
  });
});

it("says how long a document may be, and that one is none", async () => {
  const read = (text: string, maxBytes: number): Promise<unknown> =>
    readJson(answerOf(new Response(text)), { url, maxBytes });
  await expect(read("1234", 3)).rejects.toThrow("it is longer than 3 bytes");
  await expect(read("{", 3)).rejects.toThrow("it is not JSON");
});

it("joins pieces in their order, and one piece without a copy", () => {
  const one = Uint8Array.of(1, 2);
  expect(joined([one], 2)).toBe(one);
  expect(joined([one, Uint8Array.of(3), Uint8Array.of(4, 5)], 5)).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
  expect(joined([], 0)).toEqual(new Uint8Array());
});
