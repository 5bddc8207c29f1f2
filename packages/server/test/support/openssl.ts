import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface OpensslResult {
  ok: boolean;
  /** Standard output, then standard error. */
  text: string;
}

/** Runs the real `openssl`; a failure is a result, not an exception. */
export async function openssl(args: readonly string[], cwd?: string): Promise<OpensslResult> {
  try {
    const running = run("openssl", args, { timeout: 120_000, ...(cwd && { cwd }) });
    // `s_client` goes on until its input ends.
    running.child.stdin?.end();
    const { stdout, stderr } = await running;
    return { ok: true, text: stdout + stderr };
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return { ok: false, text: stdout + stderr };
  }
}
