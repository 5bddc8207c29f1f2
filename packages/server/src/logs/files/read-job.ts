import { BerthError, type OutputStream } from "@berth/protocol";
import type { LogChunk, ReadRequest } from "../log-store.ts";
import { deadlineSignal, joinSignals } from "../../lib/signals.ts";
import type { Automaton } from "../masks/automaton.ts";
import { MaskedBlocks } from "../masks/masked-blocks.ts";
import { BlockReader, type HeldBytes, readOutput } from "./block-reader.ts";
import { HeldFile } from "./held-file.ts";
import type { HeldProgress, JobProgress } from "./job-progress.ts";
import { offsetIn, type Span } from "../../core/output/output-record.ts";
import { RecordCursor } from "./record-cursor.ts";

const chunkBytes = 64 * 1024;
/** So long is waited for what comes after the beginning of what is masked. */
const undecidedMs = 500;
const overdue = new Error("What comes next has not come in time");

/** What is read of one file. */
interface Blocks extends Disposable {
  take(offset: number, length: number): HeldBytes | null;
  load(offset: number, ahead: number, how: { isLast: boolean; isOverdue: boolean }): Promise<void>;
}

/** Reads a job's output at the pace of whoever asks. Nobody else waits for it, and it holds two blocks at most. */
export async function* readJob(
  hold: () => HeldProgress,
  request: ReadRequest,
): AsyncGenerator<LogChunk, void, void> {
  const { stream, follow, signal, masks = null } = request;
  using held = hold();
  const { progress } = held;
  progress.refresh();
  using cursor = new RecordCursor(progress, stream);
  using stdout = blocksOf(progress.folder.stdout, masks);
  using stderr = blocksOf(progress.folder.stderr, masks);
  const stopAt = follow ? Number.POSITIVE_INFINITY : offsetIn(stream, progress.end);
  let position = request.offset;
  let isOverdue = false;
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
      const end = progress.end[span.stream];
      const isLast = progress.state === "ended";
      const bytes = await take(blocks, span, { ahead: end - span.offset, asked: stream, isLast, isOverdue });
      if (bytes === null && (masks === null || isLast))
        throw new Error("Cannot read the output: nothing is recorded there");
      if (bytes === null) {
        // Whether this may be shown only what comes next can tell.
        if (!follow) break;
        const hasGrown = progress.end[span.stream] > end || progress.state === "ended";
        isOverdue = !hasGrown && !(await changedInTime(progress, signal));
        continue;
      }
      isOverdue = false;
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

/** Where nothing is masked, blocks as they are read; else with its masks on. */
function blocksOf(path: string, masks: Automaton | null): Blocks {
  if (masks === null) return new BlockReader(path);
  const file = new HeldFile(path);
  const read = (into: Buffer, offset: number): Promise<void> => readOutput(file, { offset, into });
  return new MaskedBlocks(masks, { read, close: () => file[Symbol.dispose]() });
}

/** Whether anything came in time. */
async function changedInTime(progress: JobProgress, signal: AbortSignal): Promise<boolean> {
  using deadline = deadlineSignal(undecidedMs, overdue);
  using joined = joinSignals(signal, deadline.signal);
  try {
    await progress.changed(joined.signal);
    return true;
  } catch (error) {
    if (error === overdue) return false;
    throw error;
  }
}

/** One chunk, null where none can be shown yet. Of a single stream it may reach over the end of the record it begins in, of `all` it may not. */
async function take(
  blocks: Blocks,
  span: Span,
  { ahead, asked, ...how }: { ahead: number; asked: OutputStream; isLast: boolean; isOverdue: boolean },
): Promise<HeldBytes | null> {
  const length = Math.min(chunkBytes, asked === "all" ? span.length : ahead);
  const ready = blocks.take(span.offset, length);
  if (ready) return ready;
  await blocks.load(span.offset, ahead, how);
  return blocks.take(span.offset, length);
}
