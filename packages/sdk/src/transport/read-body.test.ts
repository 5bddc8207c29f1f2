import { expect, it } from "vitest";
import { answerOf } from "./fetch-transport.ts";
import { readBody, readJson } from "./read-body.ts";

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
