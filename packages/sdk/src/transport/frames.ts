import { decodeFrameHead, type FrameHead, frameHeadBytes } from "@berth/protocol/output-frames";
import { unreachable, unreadable } from "./translate-error.ts";

/** A head, and what has come of the bytes behind it; `offset` is that of `data`. */
export interface Frame extends Pick<FrameHead, "kind" | "offset" | "at"> {
  data: Uint8Array;
}

/**
 * Cuts bytes into frames, wherever the pieces were cut. The bytes of a frame are handed on as they come, in one part or
 * in several: nothing is copied. Half a frame at the end is a cut connection: SERVER_UNREACHABLE.
 */
export async function* readFrames(
  bytes: AsyncIterable<Uint8Array>,
  { url }: { url: string },
): AsyncGenerator<Frame, void> {
  const partial = new Uint8Array(frameHeadBytes);
  let filled = 0;
  let head: FrameHead | null = null;
  for await (const piece of bytes) {
    for (let at = 0; at < piece.length; ) {
      if (head === null) {
        const part = piece.subarray(at, at + frameHeadBytes - filled);
        partial.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < frameHeadBytes) break;
        filled = 0;
        head = decodeFrameHead(partial);
        if (head === null) throw unreadable(url, "a frame of the stream has a head that is none");
        if (head.size > 0) continue;
        yield { ...head, data: new Uint8Array() };
        head = null;
        continue;
      }
      const data = piece.subarray(at, at + head.size);
      at += data.length;
      yield { kind: head.kind, offset: head.offset, at: head.at, data };
      head = left(head, data.length);
    }
  }
  if (head === null && filled === 0) return;
  throw unreachable(url, Object.assign(new Error("half a frame"), { code: "ECONNRESET" }));
}

/** What of a frame is still to come; null when all of it is here. */
function left(head: FrameHead, taken: number): FrameHead | null {
  return taken === head.size ? null : { ...head, size: head.size - taken, offset: head.offset + taken };
}
