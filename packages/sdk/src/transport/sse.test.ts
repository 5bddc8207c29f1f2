import { expect, it } from "vitest";
import { readLines } from "./lines.ts";
import { parseSse } from "./sse.ts";

const url = "http://test";

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const text = [
  ": heartbeat",
  "id: 1",
  "event: running",
  'data: {"name":"grüße 🚢"}',
  "",
  "data:first",
  "data:  second",
  "retry: 10",
  "",
  "event: empty",
  "",
  "data",
  "",
  "data: half",
].join("\n");

it.each([1, 2, 3, 7, 64, 4096])(
  "parses the same events from pieces of %i bytes, LF or CR LF",
  async (size) => {
    for (const input of [text, text.replaceAll("\n", "\r\n")]) {
      const events = await Array.fromAsync(parseSse(readLines(pieces(`${input}\n`, size), { url }), { url }));
      expect(events).toEqual([
        { type: "running", id: "1", data: '{"name":"grüße 🚢"}' },
        { type: "message", id: "1", data: "first\n second" },
        { type: "message", id: "1", data: "" },
      ]);
    }
  },
);

it("takes each form of a field as it is", async () => {
  const lines = [
    "id",
    "data:a",
    "",
    "id: 7\0",
    "data: b",
    "event:x",
    "",
    ":data: no",
    "dataset: no",
    "data:c:d",
    "id:9",
    "",
  ];
  const source = (async function* () {
    yield* lines;
  })();
  expect(await Array.fromAsync(parseSse(source, { url }))).toEqual([
    { type: "message", id: "", data: "a" },
    { type: "x", id: "", data: "b" },
    { type: "message", id: "9", data: "c:d" },
  ]);
});

it("takes half a line at the end for a cut connection", async () => {
  const reading = Array.fromAsync(readLines(pieces("one\ntw", 2), { url }));
  await expect(reading).rejects.toMatchObject({
    code: "SERVER_UNREACHABLE",
    message: 'Cannot reach the server "http://test": the connection was cut',
  });
});

it.each([1, 5, 100])("refuses a line over the bound, in pieces of %i bytes", async (size) => {
  const read = (line: string): Promise<string[]> =>
    Array.fromAsync(readLines(pieces(`${line}\n`, size), { url, maxBytes: 10 }));
  expect(await read("0123456789")).toEqual(["0123456789"]);
  await expect(read("0123456789a")).rejects.toMatchObject({
    code: "RESPONSE_INVALID",
    message: 'Cannot read the answer of "http://test": a line is longer than 10 bytes',
  });
  expect(await read("")).toEqual([""]);
});

it("refuses an event over the bound, however many lines it has", async () => {
  const line = `data: ${"x".repeat(2 ** 20)}\n`;
  const reading = Array.fromAsync(parseSse(readLines(pieces(line.repeat(5), 65_536), { url }), { url }));
  await expect(reading).rejects.toMatchObject({
    code: "RESPONSE_INVALID",
    message: 'Cannot read the answer of "http://test": an event is longer than 4194304 bytes',
  });
});

it("counts each event by itself", async () => {
  const line = `data: ${"x".repeat(2 ** 21)}\n`;
  const events = parseSse(readLines(pieces(`${line}\n${line}\n${line}\n`, 65_536), { url }), { url });
  expect(await Array.fromAsync(events)).toHaveLength(3);
});
