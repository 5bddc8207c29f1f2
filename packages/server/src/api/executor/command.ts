import type { Job as JobBody, OutputStream } from "@berth/protocol";

/** A command as it is now. */
export type CommandBody = JobBody & {
  /**
   * `result` as the command wrote it, as text; null where there is none. In `result` itself JavaScript has rounded numbers
   * that a double does not hold, as those beyond 2^53.
   */
  resultJson: string | null;
};

/** One command that was started. It holds nothing open; make as many as you like for one id. */
export interface Command {
  readonly id: string;
  /**
   * What it writes, from the first byte (or `offset`) to its end, as it comes. Every loop over it is a reader of its
   * own, begins anew, and goes at its own pace; any number may read at any time, also after the end. Leaving the loop
   * ends the reader. Throws OFFSET_OUT_OF_RANGE; SHUTTING_DOWN when the executor is disposed while the command goes on.
   */
  output(options?: OutputOptions): AsyncIterable<OutputChunk>;
  /** The command as it is now: state, cause, exit code, what it has used, what isolation it got. */
  status(): Promise<CommandBody>;
  /** Resolves at its end, however that comes; never rejects because the command failed, or is `lost`: see `state`. */
  wait(options?: { signal?: AbortSignal | undefined }): Promise<CommandBody>;
  /**
   * TERM, `graceMs` of patience, then KILL of everything it has started; resolves when all of it is gone. Whether KILL
   * was needed is in `cause.evidence.forced`. Of one that has ended already, the end as it was.
   *
   * @param graceMs default: the executor's `stopGraceMs`
   */
  stop(graceMs?: number): Promise<CommandBody>;
  /** The same without patience. */
  kill(): Promise<CommandBody>;
}

export interface OutputOptions {
  /** Default `all`: both streams, in the order in which they were seen, the same for every reader. */
  stream?: OutputStream | undefined;
  /** Where to begin, in bytes of that stream. Default 0. */
  offset?: number | undefined;
  /** Whether to go on until the end of the command. Default true; false ends with what is there now. */
  follow?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** Up to 64 KiB of one stream. */
export interface OutputChunk {
  stream: "stdout" | "stderr";
  data: Uint8Array;
  /** When it was seen, in epoch milliseconds. */
  at: number;
  /** Where it begins, in bytes of the stream that was asked for. */
  offset: number;
}
