import { finished, type Readable } from "node:stream";
import { BerthError } from "@berth/protocol";
import { leaveGarbage } from "./young-garbage.ts";
import type { UploadPart } from "../../uploads/upload-files.ts";
import { GatheredBlocks } from "./gathered-blocks.ts";
import { keeping } from "./keeping.ts";

/** Written at once. One such is on its way to the disk while the next one comes: an upload holds no more than two. */
const BLOCK_BYTES = 2 ** 20;
/** A source that sends nothing for so long has gone, whatever its connection says. */
const IDLE_MS = 30_000;

export interface TakeInOptions {
  part: UploadPart;
  signal: AbortSignal;
  /** Called before the part becomes so large. */
  beforeGrowth: (bytes: number) => Promise<void>;
}

/** Appends a source to a part, in blocks. What came before the source failed is written all the same. */
export async function takeIn(source: Readable, { part, signal, beforeGrowth }: TakeInOptions): Promise<void> {
  for await (const blocks of blocksOf(source, signal)) {
    const bytes = blocks.reduce((sum, { length }) => sum + length, 0);
    await beforeGrowth(part.size + bytes);
    await keeping(part.append(blocks));
    leaveGarbage(bytes);
  }
}

/**
 * What a source sends, in blocks; the next one comes while the last one is worked on. It fails when nothing comes any more or
 * nobody wants it any more, and is left open in any other case: whoever sends is still to be told why.
 * Goes by events, as a turn of its own for each chunk would take longer than the rest of an upload.
 */
async function* blocksOf(source: Readable, signal: AbortSignal): AsyncGenerator<readonly Uint8Array[], void> {
  const gathered = new GatheredBlocks();
  let over: { error: Error | null } | null = null;
  let wake = (): void => undefined;
  const gather = (chunk: Uint8Array): void => {
    timer.refresh();
    gathered.add(chunk);
    if (gathered.bytes < BLOCK_BYTES) return;
    source.pause();
    wake();
  };
  const abort = (): void => void source.destroy(signal.reason as Error);
  const tire = (): void => {
    // While the server writes what came, it is not the sender who is slow.
    if (source.isPaused()) timer.refresh();
    else
      source.destroy(
        new BerthError("REQUEST_INVALID", `Cannot read the upload: nothing came for ${IDLE_MS / 1000} s`),
      );
  };
  const timer = setTimeout(tire, IDLE_MS);
  const forget = finished(source, { writable: false }, (error) => {
    over = { error: error ?? null };
    wake();
  });
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  source.on("data", gather);
  try {
    for (;;) {
      if (over === null && gathered.bytes < BLOCK_BYTES) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      const isOver = over as { error: Error | null } | null;
      const blocks = gathered.take();
      if (source.isPaused()) source.resume();
      if (blocks.length > 0) yield blocks;
      if (isOver?.error) throw isOver.error;
      if (isOver) return;
    }
  } finally {
    clearTimeout(timer);
    forget();
    source.off("data", gather);
    signal.removeEventListener("abort", abort);
  }
}
