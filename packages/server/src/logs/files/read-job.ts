import { BerthError, type OutputStream } from "@berth/protocol";
import type { LogChunk, ReadRequest } from "../log-store.ts";
import { BlockReader, type HeldBytes } from "./block-reader.ts";
import type { HeldProgress, JobProgress } from "./job-progress.ts";
import { offsetIn, type Span } from "../../core/output/output-record.ts";
import { RecordCursor } from "./record-cursor.ts";

const chunkBytes = 64 * 1024;

/** Reads a job's output at the pace of whoever asks. Nobody else waits for it, and it holds two blocks at most. */
export async function* readJob(
  hold: () => HeldProgress,
  request: ReadRequest,
): AsyncGenerator<LogChunk, void, void> {
  const { stream, follow, signal } = request;
  using held = hold();
  const { progress } = held;
  progress.refresh();
  using cursor = new RecordCursor(progress, stream);
  using stdout = new BlockReader(progress.folder.stdout);
  using stderr = new BlockReader(progress.folder.stderr);
  const stopAt = follow ? Number.POSITIVE_INFINITY : offsetIn(stream, progress.end);
  let position = request.offset;
  while (position < stopAt) {
    signal.throwIfAborted();
    const span = cursor.find(position);
    if (span === undefined) {
      await cursor.load(position);
    } else if (span === null) {
      if (progress.state === "ended") break;
      await progress.changed(signal);
    } else {
      const blocks = span.stream === "stdout" ? stdout : stderr;
      const bytes = await take(blocks, span, {
        ahead: progress.end[span.stream] - span.offset,
        asked: stream,
      });
      yield { stream: span.stream, offset: position, at: span.at, ...bytes };
      position += bytes.data.length;
    }
  }
  checkOffset(progress, request);
}

/** Throws OFFSET_OUT_OF_RANGE when there is nothing at that offset and never will be. */
export function checkOffset(
  { state, end }: JobProgress,
  { stream, offset, follow }: Omit<ReadRequest, "signal">,
): void {
  const size = offsetIn(stream, end);
  if (offset <= size || (follow && state !== "ended")) return;
  throw new BerthError("OFFSET_OUT_OF_RANGE", `Cannot read the output from ${offset}: it has ${size} bytes`);
}

/** One chunk. Of a single stream it may reach over the end of the record it begins in, of `all` it may not. */
async function take(
  blocks: BlockReader,
  span: Span,
  { ahead, asked }: { ahead: number; asked: OutputStream },
): Promise<HeldBytes> {
  const length = Math.min(chunkBytes, asked === "all" ? span.length : ahead);
  const ready = blocks.take(span.offset, length);
  if (ready) return ready;
  await blocks.load(span.offset, ahead);
  const loaded = blocks.take(span.offset, length);
  if (!loaded) throw new Error("Cannot read the output: nothing is recorded there");
  return loaded;
}
