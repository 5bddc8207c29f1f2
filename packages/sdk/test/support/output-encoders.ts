import { encodeFrameHead, outputFramesType } from "@berth/protocol/output-frames";

interface Piece {
  stream: "stdout" | "stderr";
  offset: number;
  data: Buffer;
}

interface Encoder {
  piece(piece: Piece): string | Buffer;
  /** What says that no more will come, behind all of `offset` bytes. */
  end?(offset: number): string | Buffer;
}

const at = Date.parse("2026-01-02T03:04:05.000Z");

/** Output as the contract has it, by media type; bare bytes need no encoder. */
export const encoders: Readonly<Record<string, Encoder>> = {
  "application/x-ndjson": { piece: (piece) => `${jsonOf(piece)}\n` },
  "text/event-stream": {
    piece: (piece) => `id: ${piece.offset + piece.data.length}\nevent: output\ndata: ${jsonOf(piece)}\n\n`,
    end: (offset) => `id: ${offset}\nevent: end\ndata: {}\n\n`,
  },
  [outputFramesType]: {
    piece: ({ stream, offset, data }) =>
      Buffer.concat([encodeFrameHead({ kind: stream, size: data.length, offset, at }), data]),
    end: (offset) => Buffer.from(encodeFrameHead({ kind: "end", size: 0, offset, at: 0 })),
  },
};

function jsonOf({ stream, offset, data }: Piece): string {
  return JSON.stringify({ stream, offset, at: new Date(at).toISOString(), data: data.toString("base64") });
}
