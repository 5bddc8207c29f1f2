import { expect, it } from "vitest";
import { parseNdjson } from "./ndjson.ts";

async function* lines(...all: string[]): AsyncGenerator<string> {
  yield* all;
}

it("takes a value a line, and empty lines for signs of life", async () => {
  const values = parseNdjson(lines("", '{"a":1}', "", "7", ""), { url: "http://test" });
  expect(await Array.fromAsync(values)).toEqual([{ a: 1 }, 7]);
});

it("refuses what is no JSON", async () => {
  await expect(Array.fromAsync(parseNdjson(lines("{"), { url: "http://test" }))).rejects.toMatchObject({
    code: "RESPONSE_INVALID",
    message: 'Cannot read the answer of "http://test": a line of the stream is not JSON',
  });
});
