import { expect, it } from "vitest";
import {
  decodeFrameHead,
  encodeFrameHead,
  type FrameHead,
  frameHeadBytes,
  outputFramesType,
} from "./output-frames.ts";

it.each<FrameHead>([
  { kind: "stdout", size: 65_536, offset: 2 ** 40, at: 1_800_000_000_000 },
  { kind: "stderr", size: 2 ** 32 - 1, offset: 0, at: 0 },
  { kind: "end", size: 0, offset: Number.MAX_SAFE_INTEGER, at: 0 },
])("reads back what it wrote: $kind", (head) => {
  const bytes = encodeFrameHead(head);
  expect(bytes).toHaveLength(frameHeadBytes);
  expect(decodeFrameHead(bytes)).toEqual(head);
});

it("takes a head of zeros for a sign of life", () => {
  expect(decodeFrameHead(new Uint8Array(frameHeadBytes))).toMatchObject({ kind: "alive", size: 0 });
});

it.each([
  ["short", new Uint8Array(frameHeadBytes - 1)],
  ["of a kind that is not known", Uint8Array.from({ length: frameHeadBytes }, (_, at) => (at === 0 ? 9 : 0))],
  [
    "with an offset that no number holds",
    Uint8Array.from({ length: frameHeadBytes }, (_, at) => (at === 8 ? 255 : 0)),
  ],
])("refuses a head that is %s", (_what, bytes) => {
  expect(decodeFrameHead(bytes)).toBeNull();
});

it("goes by a type of its own, which clients that were installed long ago ask for", () => {
  expect(outputFramesType).toBe("application/vnd.berth.output");
});
