import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Measured } from "../work/disk-watch.ts";
import { findQuotaDisk } from "./find-quota-disk.ts";
import { quotaScript } from "./quota-script.ts";

/** What a file counts at least, as in measure-script.ts. */
const FILE_BYTES = 4096;
const PERL = "/usr/bin/perl";
/** Numbers of the system call; the script's fields are of 64 bits. */
const QUOTACTL: Readonly<Record<string, number>> = { x64: 179, arm64: 60 };

/**
 * Quotas of the file system for jobs' folders: they see every byte at once, also of removed files, and cost nothing to
 * look at. The kernel's bound lies a sixteenth above the job's: in between a look still tells who is over it, by which
 * the job ends with its cause, and not with whatever it makes of a write that fails.
 */
export class ProjectQuota implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting: ((answer: string) => void)[] = [];
  #gone = false;

  constructor(device: string, quotactl: number) {
    const args = ["-e", quotaScript, device, String(quotactl)];
    this.#child = spawn(PERL, args, { stdio: ["pipe", "pipe", "ignore"], env: {}, cwd: "/" });
    this.#child.stdin?.on("error", () => undefined);
    this.#child.on("error", () => this.#end()).on("exit", () => this.#end());
    if (this.#child.stdout) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.#waiting.shift()?.(line));
    }
  }

  /** Bounds an empty folder. Answers its project; null, and why, where that cannot be. */
  async give(
    folder: string,
    { bytes, files }: { bytes: number; files: number | null },
  ): Promise<{ project: number } | { why: string }> {
    const most = bytes + Math.max(bytes / 16, 64 * 1024) + FILE_BYTES;
    const mostFiles = Math.min(Math.ceil(most / FILE_BYTES), (files ?? Number.MAX_SAFE_INTEGER) + 16);
    const answer = await this.#ask(`give ${folder} ${Math.ceil(most / 1024)} ${mostFiles}`);
    return /^\d+$/.test(answer) ? { project: Number(answer) } : { why: answer.replace(/^- /, "") };
  }

  /** null when nobody can say. */
  async look(project: number): Promise<Measured | null> {
    const [, bytes, inodes] = /^(\d+) (\d+)$/.exec(await this.#ask(`look ${project}`)) ?? [];
    if (bytes === undefined || inodes === undefined) return null;
    // Without the folder itself.
    const files = Math.max(Number(inodes) - 1, 0);
    const counted = Math.max(Number(bytes) - FILE_BYTES, files * FILE_BYTES);
    return { bytes: counted, largestBytes: 0, removedBytes: 0, files };
  }

  /** Lifts the bounds of a project whose folder is gone: what artifacts still belong to it is bounded elsewhere. */
  async free(project: number): Promise<void> {
    await this.#ask(`free ${project}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#gone) return;
    const exited = once(this.#child, "exit");
    this.#child.stdin?.end();
    await exited;
  }

  #ask(line: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    if (this.#gone) return Promise.resolve("- the process for it is gone");
    this.#waiting.push(resolve);
    this.#child.stdin?.write(`${line}\n`);
    return promise;
  }

  #end(): void {
    this.#gone = true;
    for (const resolve of this.#waiting.splice(0)) resolve("- the process for it is gone");
  }
}

/** Where the disk below `folder` is mounted with project quotas; else null, and folders are measured. */
export function openProjectQuota(folder: string): ProjectQuota | null {
  const device = findQuotaDisk(folder);
  const quotactl = QUOTACTL[process.arch];
  if (device === null || quotactl === undefined || !existsSync(PERL)) return null;
  return new ProjectQuota(device, quotactl);
}
