import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { tempFolder } from "./temp-folder.ts";

const run = promisify(execFile);

/** A second machine with complete control groups of version 2, over this one's files. */
export interface Guest extends AsyncDisposable {
  /** Runs a program in this process's folder; its output is passed through and returned. */
  exec(command: string, ...args: string[]): Promise<{ code: number | null; output: string }>;
}

/** What the host lacks to give one; null when nothing, also when the host itself is such a machine. */
export function guestIsMissing(): string | null {
  return process.env["BERTH_TEST_VM"] === undefined && !hostIsV2()
    ? "this host has no cgroup v2 hierarchy and BERTH_TEST_VM names no command that boots one"
    : null;
}

export function hostIsV2(): boolean {
  return existsSync("/sys/fs/cgroup/cgroup.controllers");
}

/** As the scheduler counts: below 0 is more than others get. */
const niceness = -5;

/**
 * A guest has one processor, and is what a whole run waits for in the end: on a host that is busy beside it gets more than one
 * of many shares, where the command says who it is and we may. Sessions share among themselves where the kernel
 * groups them.
 */
function favour(pidFile: string): void {
  try {
    const pid = Number(readFileSync(pidFile, "utf8"));
    setPriority(pid, niceness);
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // It takes its turn.
  }
}

export interface GuestOptions {
  /** A folder of this host's that the guest may write to, under the same path. */
  share?: string;
}

/** Boots the guest that BERTH_TEST_VM gives, with a state of its own beside other guests. Disposing cuts its power. */
export async function bootGuest({ share }: GuestOptions = {}): Promise<Guest> {
  const command = process.env["BERTH_TEST_VM"] ?? "";
  const folder = tempFolder();
  const env = { ...process.env, VM_STATE: join(folder.path, "vm"), ...(share && { VM_SHARE: share }) };
  const end = async (): Promise<void> => {
    await run(command, ["down"], { env });
    await folder[Symbol.asyncDispose]();
  };
  await run(command, ["up"], { env }).catch(async (error: unknown) => {
    await end();
    throw error;
  });
  favour(join(folder.path, "vm", "vm.pid"));
  return {
    async exec(...words) {
      const child = spawn(command, ["exec", ...words], { env, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => {
          output += chunk.toString();
          process.stdout.write(chunk);
        });
      }
      await once(child, "close");
      return { code: child.exitCode, output };
    },
    [Symbol.asyncDispose]: end,
  };
}
