import { EventEmitter } from "node:events";
import { PassThrough, Readable, Writable } from "node:stream";
import { runCli } from "../../src/run-cli.ts";

/** A stream that keeps what it is given. */
export class Sink extends Writable {
  isTTY = false;
  columns = 80;
  text = "";

  override _write(data: Buffer, _encoding: string, done: () => void): void {
    this.text += data.toString();
    this.emit("text", this.text);
    done();
  }

  /** Resolves when the text so far matches. */
  async shows(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) await new Promise((resolve) => this.once("text", resolve));
  }
}

export interface Running {
  stdout: Sink;
  stderr: Sink;
  signals: EventEmitter;
  code: Promise<number>;
  /** The code with which the process would be ended, if it does not end by itself. */
  exitsSoon: number | null;
}

export interface RunOptions {
  env?: Record<string, string>;
  stdin?: string;
  terminal?: boolean;
  /** Of the terminal. Default 80. */
  columns?: number;
}

/** Runs the command line in this process, as the launcher would, without the user's own settings. */
export function startBerth(argv: readonly string[], options: RunOptions = {}): Running {
  const stdout = new Sink();
  const stderr = new Sink();
  stdout.isTTY = stderr.isTTY = options.terminal === true;
  stdout.columns = stderr.columns = options.columns ?? 80;
  const signals = new EventEmitter();
  const stdin = options.stdin === undefined ? new PassThrough() : Readable.from([options.stdin]);
  const env = { HOME: "/nonexistent", BERTH_DATA_DIR: "/nonexistent", NO_COLOR: "1", ...options.env };
  const exitSoon = (code: number): void => {
    running.exitsSoon = code;
  };
  const code = runCli(argv, { env, stdin, stdout, stderr, signals, exitSoon });
  const running: Running = { stdout, stderr, signals, code, exitsSoon: null };
  return running;
}

export async function runBerth(
  argv: readonly string[],
  options: RunOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = startBerth(argv, options);
  return { code: await code, stdout: stdout.text, stderr: stderr.text };
}
