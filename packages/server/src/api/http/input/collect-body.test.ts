import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { until } from "../../../../test/support/until.ts";
import { collectBody, Pieces } from "./collect-body.ts";

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));

it.each([
  ["one by one", 1, null],
  ["one by one, as many as announced", 1, bytes.length],
  ["a few at a time, fewer announced than come", 1000, 5000],
  ["all at once", bytes.length, bytes.length],
  ["all at once, unannounced", bytes.length, null],
])("has what came %s, in few buffers", (_how, step, expected) => {
  const pieces = new Pieces();
  for (let at = 0; at < bytes.length; at += step) pieces.add(bytes.subarray(at, at + step), expected);
  const all = pieces.all();
  expect(Buffer.concat(all).equals(bytes)).toBe(true);
  expect(pieces.length).toBe(bytes.length);
  expect(all.length).toBeLessThanOrEqual(60);
  // What was sent is not kept itself: it may be a part of what the socket was read into.
  expect(all.some(({ buffer }) => buffer === bytes.buffer)).toBe(false);
});

const turn = (): Promise<void> => Promise.resolve();

it("takes a part of a large body in each turn, and waits for the next", async () => {
  const body = new PassThrough({ highWaterMark: 2 ** 20 });
  const waiting: (() => void)[] = [];
  const waited = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  const collecting = collectBody(body, { limit: 2 ** 20, expected: null, turn: waited });
  for (let at = 0; at < bytes.length; at += 10_000) body.write(bytes.subarray(at, at + 10_000));
  body.end();
  for (let turns = 1; turns <= 2; turns += 1) {
    await until(async () => waiting.length === turns, { what: "the body to wait for its turn" });
    expect(body.isPaused()).toBe(true);
    waiting.at(-1)?.();
  }
  expect(Buffer.concat(await collecting).equals(bytes)).toBe(true);
});

it("takes no memory for what was only announced", () => {
  const pieces = new Pieces();
  pieces.add(Buffer.from("a"), 24 * 2 ** 20);
  expect(pieces.all().every(({ buffer }) => buffer.byteLength <= 64 * 1024)).toBe(true);
});

it("refuses what is larger than allowed, announced or not, and fails as the stream does", async () => {
  const body = new PassThrough();
  await expect(collectBody(body, { limit: 10, expected: 11, turn })).rejects.toMatchObject({
    code: "BODY_TOO_LARGE",
  });
  const unannounced = collectBody(body, { limit: 10, expected: null, turn });
  body.write("12345678");
  body.write("901");
  await expect(unannounced).rejects.toMatchObject({ code: "BODY_TOO_LARGE" });
  const cut = new PassThrough();
  const failing = collectBody(cut, { limit: 10, expected: null, turn });
  cut.destroy(new Error("cut"));
  await expect(failing).rejects.toThrow("cut");
});
