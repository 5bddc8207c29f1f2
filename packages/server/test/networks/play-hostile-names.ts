import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { SandboxHost } from "../native/sandbox-host.ts";

/** Whom the server asks: the host's own, where nobody else gets. */
export const HOSTILE = "127.0.0.53";

/** A server of names at that address of the host, in a process of its own. */
export async function playHostileNames(host: SandboxHost): Promise<AsyncDisposable> {
  const script = [process.execPath, join(import.meta.dirname, "hostile-names.ts"), HOSTILE];
  const child = spawn("/usr/bin/nsenter", [host.networkOption, ...script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return {
    async [Symbol.asyncDispose]() {
      const exited = once(child, "exit");
      child.stdin.end();
      await exited;
    },
  };
}
