import type { Readable } from "node:stream";
import { BerthError } from "@berth/protocol";
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
  /** Called before the part becomes so large, with how large it is. */
  beforeGrowth: (bytes: number, size: number) => Promise<void>;
}

/** Appends a source to a part, in blocks. What came before the source failed is written all the same. */
export async function takeIn(source: Readable, { part, signal, beforeGrowth }: TakeInOptions): Promise<void> {
  const gathered = new GatheredBlocks();
  let end = part.size;
  let writing = Promise.resolve();
  const flush = async (): Promise<void> => {
    await writing;
    if (gathered.bytes === 0) return;
    await beforeGrowth(end + gathered.bytes, end);
    end += gathered.bytes;
    writing = keeping(part.append(gathered.take()));
    // Met where it is awaited.
    writing.catch(() => undefined);
  };
  let failure: { error: unknown } | null = null;
  try {
    for await (const chunk of untilIdle(source, signal)) {
      gathered.add(chunk);
      if (gathered.bytes >= BLOCK_BYTES) await flush();
    }
  } catch (error) {
    failure = { error };
  }
  await flush();
  await writing;
  if (failure !== null) throw failure.error;
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
  // While the server writes what came, it is not the sender who is slow.
  let isAwaited = true;
  const tire = (): void => {
    if (isAwaited)
      cut(new BerthError("REQUEST_INVALID", `Cannot read the upload: nothing came for ${IDLE_MS / 1000} s`));
    else timer.refresh();
  };
  const timer = setTimeout(tire, IDLE_MS);
  try {
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      isAwaited = false;
      yield chunk as Uint8Array;
      isAwaited = true;
      timer.refresh();
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}
