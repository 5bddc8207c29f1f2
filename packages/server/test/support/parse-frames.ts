import { decodeFrameHead, type FrameHead, frameHeadBytes } from "@berth/protocol";

/** All frames of a whole answer. Throws on bytes that are none. */
export function parseFrames(bytes: Buffer): (FrameHead & { data: Buffer })[] {
  const frames: (FrameHead & { data: Buffer })[] = [];
  for (let at = 0; at < bytes.length; ) {
    const head = decodeFrameHead(bytes.subarray(at, at + frameHeadBytes));
    if (head === null) throw new Error(`There is no head at byte ${at}`);
    at += frameHeadBytes;
    frames.push({ ...head, data: bytes.subarray(at, at + head.size) });
    at += head.size;
  }
  return frames;
}
