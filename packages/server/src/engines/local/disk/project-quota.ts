import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { backoffMs } from "../../../lib/retry.ts";
import type { Measured } from "./disk-watch.ts";
import { findQuotaDisk } from "./find-quota-disk.ts";
import { FOREIGN, quotaScript } from "./quota-script.ts";
import { ordinarily } from "../../../lib/turns/go-first.ts";

/** What a file counts at least, as in measure-script.ts. */
const FILE_BYTES = 4096;
const PERL = "/usr/bin/perl";
/** Numbers of the system call; the script's fields are of 64 bits. */
const QUOTACTL: Readonly<Record<string, number>> = { x64: 179, arm64: 60 };

const GONE = "- the process for it is gone";

export interface ProjectQuotaOptions {
  /** The disk, as a block device. */
  device: string;
  /** The number of the system call on this processor. */
  quotactl: number;
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
}

/**
 * Quotas of the file system for jobs' folders: they see every byte at once, also of removed files, and cost nothing to
 * look at. The kernel's bound lies a sixteenth above the job's: in between a look still tells who is over it, by which
 * the job ends with its cause, and not with whatever it makes of a write that fails.
 */
export class ProjectQuota implements AsyncDisposable {
  readonly #options: ProjectQuotaOptions;
  #waiting: ((answer: string) => void)[] = [];
  /** The process for it; null while there is none. */
  #child: ChildProcess | null = null;
  #failures = 0;
  #restarting: NodeJS.Timeout | undefined;
  #closed = false;
  /** Whether the folders of jobs are in a project of the operator's. */
  #isForeign = false;

  constructor(options: ProjectQuotaOptions) {
    this.#options = options;
    this.#start();
  }

  /** Bounds an empty folder. Answers its project, or why that cannot be; null where it has been said why none can be. */
  async give(
    folder: string,
    { bytes, files }: { bytes: number; files: number | null },
  ): Promise<{ project: number } | { why: string } | null> {
    if (this.#isForeign) return null;
    const most = bytes + Math.max(bytes / 16, 64 * 1024) + FILE_BYTES;
    const mostFiles = Math.min(Math.ceil(most / FILE_BYTES), (files ?? Number.MAX_SAFE_INTEGER) + 16);
    const answer = await this.#ask(`give ${folder} ${Math.ceil(most / 1024)} ${mostFiles}`);
    this.#isForeign = answer === FOREIGN;
    return /^\d+$/.test(answer) ? { project: Number(answer) } : { why: answer.replace(/^- /, "") };
  }

  /** Puts an empty folder into a project that is there; answers why that cannot be, else null. */
  async join(folder: string, project: number): Promise<string | null> {
    const answer = await this.#ask(`join ${folder} ${project}`);
    return answer === "ok" ? null : answer;
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
    this.#closed = true;
    clearTimeout(this.#restarting);
    const child = this.#child;
    if (!child) return;
    const exited = once(child, "exit");
    child.stdin?.end();
    await exited;
  }

  /** Who asks while nobody is there to answer goes on without: a job is measured, a look comes again. */
  #ask(line: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    if (!this.#child) return Promise.resolve(GONE);
    this.#waiting.push(resolve);
    this.#child.stdin?.write(`${line}\n`);
    return promise;
  }

  #start(): void {
    const { device, quotactl } = this.#options;
    const args = ["-e", quotaScript, device, String(quotactl)];
    const child = ordinarily(() =>
      spawn(PERL, args, { stdio: ["pipe", "pipe", "ignore"], env: {}, cwd: "/" }),
    );
    this.#child = child;
    const waiting: ((answer: string) => void)[] = [];
    this.#waiting = waiting;
    child.on("error", (error) => this.#ended(child, error.message));
    child.on("exit", (code, signal) => this.#ended(child, `ended with ${signal ?? code}`));
    // Without a process there are no pipes either, as where no descriptor is left: its error is on the way.
    if (child.pid === undefined) return;
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.#failures = 0;
      waiting.shift()?.(line);
    });
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    for (const resolve of this.#waiting.splice(0)) resolve(GONE);
    if (this.#closed) return;
    this.#failures += 1;
    this.#options.onNotice("the process for disk quotas died and is started again", { how });
    this.#restarting = setTimeout(() => this.#start(), backoffMs(this.#failures)).unref();
  }
}

/** Where the disk below `folder` is mounted with project quotas; else null, and folders are measured. */
export function openProjectQuota(
  folder: string,
  { onNotice }: Pick<ProjectQuotaOptions, "onNotice">,
): ProjectQuota | null {
  const device = findQuotaDisk(folder);
  const quotactl = QUOTACTL[process.arch];
  if (device === null || quotactl === undefined || !existsSync(PERL)) return null;
  return new ProjectQuota({ device, quotactl, onNotice });
}
