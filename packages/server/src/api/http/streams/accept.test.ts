import { expect, it } from "vitest";
import { negotiate } from "./accept.ts";

const offered = ["application/octet-stream", "application/x-ndjson", "text/event-stream"] as const;

it.each([
  [undefined, offered[0]],
  ["", offered[0]],
  ["*/*", offered[0]],
  ["text/event-stream", offered[2]],
  ["Text/Event-Stream; charset=utf-8", offered[2]],
  ["text/html, application/x-ndjson;q=0.5, text/event-stream;q=0.9", offered[2]],
  ["application/x-ndjson, */*;q=0.1", offered[1]],
  ["*/*, application/octet-stream;q=0", offered[1]],
  ["text/*", offered[2]],
  ["application/*", offered[0]],
])("answers %s with %s", (accept, type) => {
  expect(negotiate(accept, offered)).toBe(type);
});

it.each(["text/html", "image/*", "*/*;q=0", "application/x-ndjson;q=nonsense", ";;;,,,"])(
  "has nothing for %s",
  (accept) => {
    expect(() => negotiate(accept, offered)).toThrow("Cannot answer as asked");
  },
);
