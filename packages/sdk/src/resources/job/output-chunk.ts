/** A piece of a job's output. */
export interface OutputChunk {
  stream: "stdout" | "stderr";
  /** Where the piece begins, in bytes of the stream that was asked for. */
  offset: number;
  /** When the server saw it: ISO 8601, UTC. */
  at: string;
  data: Uint8Array;
}
