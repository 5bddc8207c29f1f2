import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type IdRange, userOf } from "../bundle/id-range.ts";
import type { EngineFolders } from "../host/data-folders.ts";
import { nativeProgram } from "../host/native-program.ts";
import { EngineError } from "../../engine.ts";
import { backoffMs } from "../../../lib/retry.ts";
import type { Measured } from "../disk/disk-watch.ts";
import { spawnerScript } from "./spawner-script.ts";
import { probeScript } from "./probe-script.ts";
import { viewSteps } from "../host/view-steps.ts";
import { ordinarily } from "../../../lib/turns/go-first.ts";

export interface SpawnerOptions {
  folders: EngineFolders;
  /** The runtime's program. */
  runtime: string;
  /** What the shim executes, the job's id excepted: split at blanks. */
  run: string;
  /** The runtime with its options, where a probe tells something; else empty. */
  probe: string;
  /** Whether jobs are put into user namespaces that were made for their ids. */
  joinsUsers: boolean;
  /** The ids of the probe. */
  probeIds: IdRange;
  /** Where jobs that have a network ask for names. */
  nameserver: string;
  /** The folders of jobs' control groups, one per hierarchy. */
  groupFolders: readonly string[];
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
}

/** A shell never forgets a child that it does not wait for, so it starts over after this many. */
const PLACES_PER_SHELL = 200;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The one process that starts shims, so that this one, with its large memory, never has to fork. It lives in a mount
 * namespace of its own; jobs outlive it. When it dies it is started again; whatever it still had to do is asked again.
 */
export class Spawner implements AsyncDisposable {
  readonly #options: SpawnerOptions;
  #child: ChildProcess | null = null;
  #failures = 0;
  #closed = false;
  #places = 0;
  #answers = new Map<string, ((answer: string | null) => void)[]>();
  #restarting: NodeJS.Timeout | undefined;
  #errors = "";
  readonly #onRestart: (() => void)[] = [];

  constructor(options: SpawnerOptions) {
    this.#options = options;
  }

  /** Starts the process. Without it everything that is asked for is answered with "cannot". */
  open(): void {
    this.#start();
  }

  /** Calls back whenever a new process has taken the place of one that died. */
  onRestart(listener: () => void): void {
    this.#onRestart.push(listener);
  }

  /** Why the last one died, for messages. */
  get lastWords(): string {
    return this.#errors.trim().slice(-500);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** False when nobody is there to read it; then it has to be asked again after the restart. */
  place(name: string, ids: IdRange): boolean {
    this.#places += 1;
    if (this.#places % PLACES_PER_SHELL === 0) this.#send("again");
    return this.#send(`place ${name} ${userOf(ids)} ${this.#users(ids)}`);
  }

  /** Makes the FIFOs `folder/first` to `folder/last`. */
  async fifos(folder: string, range: { first: number; last: number }): Promise<boolean> {
    return (await this.#ask(`fifos ${folder} ${range.first} ${range.last}`, `fifos ${range.first}`)) !== null;
  }

  /** What a job's folder takes of the disk, see measure-script.ts; null when nobody can say now. */
  async measure(id: string, group: string): Promise<Measured | null> {
    const answer = (await this.#ask(`measure ${id} ${group}`, `measure ${id}`)) ?? "";
    if (!/^\d+ \d+ \d+ \d+$/.test(answer)) return null;
    const [bytes = 0, largestBytes = 0, removedBytes = 0, files = 0] = answer.split(" ").map(Number);
    return { bytes, largestBytes, removedBytes, files };
  }

  /** Removes a folder below `jobs`, however deep. False when the spawner died meanwhile. */
  async remove(name: string): Promise<boolean> {
    return (await this.#ask(`remove ${name}`, `remove ${name}`)) !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restarting);
    const child = this.#child;
    if (!child) return;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.stdin?.end();
      await exited;
    }
    // Shims of running jobs hold the other ends; they must not keep this process alive.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }

  #start(): void {
    const { folders, run, probe, probeIds } = this.#options;
    const commands = { RUN: run, PROBE: probe, PROBE_USERS: this.#users(probeIds), SPAWNER: spawnerScript };
    let steps: string[];
    try {
      steps = viewSteps({ ...this.#options, run: folders.run, work: folders.work });
    } catch (error) {
      this.#errors = (error as Error).message;
      return this.#died("the host could not be looked at");
    }
    const shell = ["/bin/sh", "-c", probeScript, "berth-spawner", folders.run];
    const child = ordinarily(() =>
      spawn(nativeProgram(), ["view", ...steps, "--", ...shell], {
        cwd: "/",
        detached: true,
        stdio: ["pipe", "pipe", "pipe"],
        env: { PATH, ...commands },
      }),
    );
    this.#child = child;
    this.#errors = "";
    child.on("error", (error) => this.#ended(child, error.message));
    child.on("exit", (code, signal) => this.#ended(child, `ended with ${signal ?? code}`));
    // Without a process there are no pipes either, as where no descriptor is left: its error is on the way.
    if (child.pid === undefined) return;
    child.stdin.on("error", () => undefined);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-4096);
    });
    createInterface({ input: child.stdout }).on("line", (line) => this.#hear(line));
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#died(how);
  }

  #died(how: string): void {
    for (const waiting of [...this.#answers.values()].flat()) waiting(null);
    this.#answers.clear();
    if (this.#closed) return;
    this.#failures += 1;
    this.#options.onNotice("the spawner died and is started again; running jobs are not affected", {
      how,
      errors: this.lastWords,
    });
    this.#restarting = setTimeout(() => this.#restart(), backoffMs(this.#failures));
    this.#restarting.unref();
  }

  /** The ids that a user namespace is to be made for, in the words of the script. */
  #users({ first }: IdRange): string {
    return this.#options.joinsUsers ? String(first) : "-";
  }

  #restart(): void {
    this.#start();
    for (const listener of this.#onRestart) listener();
  }

  #hear(line: string): void {
    this.#failures = 0;
    const [verb, name, ...answer] = line.split(" ");
    const key = `${verb} ${name}`;
    const waiting = this.#answers.get(key) ?? [];
    this.#answers.delete(key);
    for (const resolve of waiting) resolve(answer.join(" "));
  }

  async #ask(line: string, key: string): Promise<string | null> {
    const { promise, resolve } = Promise.withResolvers<string | null>();
    this.#answers.set(key, [...(this.#answers.get(key) ?? []), resolve]);
    if (!this.#send(line)) return null;
    return await promise;
  }

  #send(line: string): boolean {
    const stdin = this.#child?.stdin;
    if (this.#closed)
      throw new EngineError("Cannot reach the spawner: the engine is closed", {
        blame: "engine",
        retryable: true,
      });
    return stdin ? (stdin.write(`${line}\n`), true) : false;
  }
}
