import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { UploadPart } from "../../uploads/upload-files.ts";
import { takeIn } from "./take-in.ts";

const MiB = 2 ** 20;
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

/** A part on a disk that writes when it is let. */
function partOn(disk: { written: () => Promise<void>; asked?: () => void }): UploadPart {
  return {
    size: 0,
    append: () => {
      disk.asked?.();
      return disk.written();
    },
    finish: () => Promise.resolve(""),
    publish: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const { signal } = new AbortController();
const beforeGrowth = () => Promise.resolve();

it("does not take the time of a slow disk for that of the sender", async () => {
  const [written, asked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const source = Readable.from(Array.from({ length: 8 }, () => Buffer.alloc(MiB)));
  const part = partOn({ written: () => written.promise, asked: asked.resolve });
  const taken = takeIn(source, { part, signal, beforeGrowth });
  await asked.promise;
  await vi.advanceTimersByTimeAsync(120_000);
  written.resolve();
  await expect(taken).resolves.toBeUndefined();
});

it("ends a source of which nothing comes any more, and keeps what came", async () => {
  const source = new Readable({ read: () => undefined });
  let kept = 0;
  const part = {
    ...partOn({ written: () => Promise.resolve() }),
    append: async (blocks: readonly Uint8Array[]) => {
      for (const block of blocks) kept += block.length;
    },
  };
  const taken = takeIn(source, { part, signal, beforeGrowth });
  taken.catch(() => undefined);
  source.push(Buffer.alloc(100));
  await vi.advanceTimersByTimeAsync(31_000);
  await expect(taken).rejects.toMatchObject({ code: "REQUEST_INVALID" });
  expect(kept).toBe(100);
});
