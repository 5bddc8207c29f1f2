/*
 * A job's output as bytes with the least around them: a head of fixed size, then as many bytes of the stream as it
 * says. Events and lines carry the same in base64, which costs both sides several times as much.
 *
 *   byte 0       what follows: 0 nothing, a sign of life; 1 stdout; 2 stderr; 3 nothing, the job has ended
 *   bytes 1-3    0
 *   bytes 4-7    how many bytes follow
 *   bytes 8-15   offset of the first of them in the stream that was asked for; of an end, of the whole
 *   bytes 16-23  when the server saw them, in milliseconds since 1970
 *
 * All numbers are unsigned and begin with their highest byte.
 */

/** The media type of output in frames. */
export const outputFramesType = "application/vnd.berth.output";

/** Size of a frame's head, in bytes. */
export const frameHeadBytes = 24;

const kinds = ["alive", "stdout", "stderr", "end"] as const;

/** What a head says. */
export interface FrameHead {
  kind: (typeof kinds)[number];
  /** Bytes that follow it. */
  size: number;
  /** Of the first of them, in the stream that was asked for. */
  offset: number;
  /** Epoch ms. */
  at: number;
}

export function encodeFrameHead({ kind, size, offset, at }: FrameHead): Uint8Array {
  const head = new Uint8Array(frameHeadBytes);
  const view = new DataView(head.buffer);
  view.setUint8(0, kinds.indexOf(kind));
  view.setUint32(4, size);
  view.setBigUint64(8, BigInt(offset));
  view.setBigUint64(16, BigInt(Math.trunc(at)));
  return head;
}

/** null for what is no head: of a newer server, or of somebody else. */
export function decodeFrameHead(head: Uint8Array): FrameHead | null {
  if (head.length !== frameHeadBytes) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const kind = kinds[view.getUint8(0)];
  const [offset, at] = [Number(view.getBigUint64(8)), Number(view.getBigUint64(16))];
  if (kind === undefined || !Number.isSafeInteger(offset) || !Number.isSafeInteger(at)) return null;
  return { kind, size: view.getUint32(4), offset, at };
}
