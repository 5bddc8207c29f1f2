import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { testProgram } from "./launcher.ts";

export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Lines that it prints, as they come. */
  readonly lines: AsyncIterable<string>;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a program of tests in a process of its own, behind a launcher where one is named. */
export function startProgram(
  program: URL,
  args: readonly string[],
  launcher: readonly string[] = [],
): Program {
  const [command = "", ...rest] = [...launcher, ...testProgram(program), ...args];
  const child: ChildProcess & { stdout: NonNullable<ChildProcess["stdout"]> } = spawn(command, rest, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await exited;
  };
  return {
    pid: child.pid ?? 0,
    lines: createInterface({ input: child.stdout }),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
