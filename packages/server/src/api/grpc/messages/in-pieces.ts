/** A message of the wire, encoded, in pieces that need not lie side by side: what is large of it is copied nowhere. */
export class InPieces {
  readonly pieces: readonly Uint8Array[];

  constructor(pieces: readonly Uint8Array[]) {
    this.pieces = pieces;
  }

  get length(): number {
    return this.pieces.reduce((sum, { length }) => sum + length, 0);
  }
}

/** For gRPC, which puts what it is given into a frame of its own. */
export function joinPieces({ pieces }: InPieces): Buffer {
  return Buffer.concat(pieces);
}
