import type { Readable, Writable } from "node:stream";

/** Everything of the process that a command touches, so that tests can put something else in its place. */
export interface Surroundings {
  env: Environment;
  stdin: Readable;
  stdout: Terminal;
  stderr: Terminal;
  signals: SignalSource;
  /** Ends the process with this code in a second, if it has not ended by then. */
  exitSoon(code: number): void;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A stream that may be a terminal. */
export type Terminal = Writable & { isTTY?: boolean; columns?: number };

/** What `process` is to one who waits for signals. */
export interface SignalSource {
  on(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
  off(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
}
