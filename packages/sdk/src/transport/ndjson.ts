import { unreadable } from "./translate-error.ts";

/** One JSON value per line; empty lines are heartbeats. */
export async function* parseNdjson(
  lines: AsyncIterable<string>,
  options: { url: string },
): AsyncGenerator<unknown, void> {
  for await (const line of lines) {
    if (line !== "") yield parseJson(line, options.url);
  }
}

/** Throws RESPONSE_INVALID for what is not JSON. */
export function parseJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(url, "a line of the stream is not JSON");
  }
}
