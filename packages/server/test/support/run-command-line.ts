import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const main = join(import.meta.dirname, "../../../cli/src/main.ts");
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
  const words = ["--conditions=berth-source", main, ...argv];
  const own = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", NO_COLOR: "1", ...env };
  const running = execute(process.execPath, words, { env: own, encoding: "utf8" });
  running.child.stdin?.end(stdin);
  try {
    return { code: 0, ...(await running) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw error;
    return { code, stdout: stdout ?? "", stderr: stderr ?? "" };
  }
}
