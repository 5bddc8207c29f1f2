import { fromBinary } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { OutChunkSchema, OutputStream } from "@berth/protocol/executor";
import { describe, expect, it } from "vitest";
import { joinPieces } from "./in-pieces.ts";
import { encodeOutChunk } from "./out-chunk.ts";

describe("an output chunk on the wire", () => {
  const sizes = [0, 1, 127, 128, 65_535, 65_536, 200_000];
  const offsets = [0, 127, 128, 2 ** 32, Number.MAX_SAFE_INTEGER];
  it.each(sizes.flatMap((size) => offsets.map((offset) => [size, offset] as const)))(
    "of %i bytes at offset %i is what the general decoder reads back",
    (size, offset) => {
      const data = Buffer.alloc(size, "0123456789");
      const at = 1_800_000_000_123;
      const read = fromBinary(
        OutChunkSchema,
        joinPieces(encodeOutChunk({ data, stream: "stderr", offset, at })),
      );
      expect(Buffer.compare(read.bytes, data)).toBe(0);
      expect(read).toMatchObject({ stream: OutputStream.STDERR, offset: BigInt(offset) });
      expect(read.at && timestampMs(read.at)).toBe(at);
      expect(read.$unknown).toBeUndefined();
    },
  );

  it("tells stdout from stderr", () => {
    const data = Buffer.from("x");
    const { stream } = fromBinary(
      OutChunkSchema,
      joinPieces(encodeOutChunk({ data, stream: "stdout", offset: 0, at: 0 })),
    );
    expect(stream).toBe(OutputStream.STDOUT);
  });
});
