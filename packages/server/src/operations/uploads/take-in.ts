import type { Readable } from "node:stream";
import { BerthError } from "@berth/protocol";
import { systemReason } from "../../core/system-reason.ts";
import type { UploadPart } from "../../uploads/upload-files.ts";

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
  let blocks: Uint8Array[] = [];
  let bytes = 0;
  let end = part.size;
  let writing = Promise.resolve();
  const flush = async (): Promise<void> => {
    await writing;
    if (bytes === 0) return;
    const now = blocks;
    end += bytes;
    [blocks, bytes] = [[], 0];
    await beforeGrowth(end);
    writing = append(part, now);
    // Met where it is awaited.
    writing.catch(() => undefined);
  };
  let failure: { error: unknown } | null = null;
  try {
    for await (const chunk of untilIdle(source, signal)) {
      blocks.push(chunk);
      bytes += chunk.length;
      if (bytes >= BLOCK_BYTES) await flush();
    }
  } catch (error) {
    failure = { error };
  }
  await flush();
  await writing;
  if (failure !== null) throw failure.error;
}

async function append(part: UploadPart, blocks: readonly Uint8Array[]): Promise<void> {
  try {
    await part.append(blocks);
  } catch (error) {
    const { why, fix } = systemReason(error);
    throw new BerthError("STORAGE_FAILED", `Cannot keep an upload: ${why}`, {
      ...(fix !== undefined && { fix }),
      cause: error,
    });
  }
}

/**
 * The source, which fails when nothing comes any more or nobody wants it any more. It is left open in any other case: whoever
 * sends is still to be told why.
 */
async function* untilIdle(source: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const cut = (error: unknown): void => void source.destroy(error as Error);
  const abort = (): void => cut(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  const tire = (): void =>
    cut(new BerthError("REQUEST_INVALID", `Cannot read the upload: nothing came for ${IDLE_MS / 1000} s`));
  const timer = setTimeout(tire, IDLE_MS);
  try {
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      timer.refresh();
      yield chunk as Uint8Array;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}
