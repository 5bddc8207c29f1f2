import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { asTested, launcher } from "./launcher.ts";

const execute = promisify(execFile);

export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command line in a process of its own, with these variables alone; `stdin` is what it may read. */
export async function runCommandLine(
  argv: readonly string[],
  { env, stdin = "" }: { env: Readonly<Record<string, string>>; stdin?: string },
): Promise<Said> {
  const plain = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", NO_COLOR: "1" };
  const running = execute(launcher, argv, { env: { ...plain, ...asTested, ...env }, encoding: "utf8" });
  running.child.stdin?.end(stdin);
  try {
    return { code: 0, ...(await running) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw error;
    return { code, stdout: stdout ?? "", stderr: stderr ?? "" };
  }
}
