import { type FSWatcher, mkdirSync, readdirSync, watch } from "node:fs";
import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineUsage } from "../../engine.ts";
import type { HostCap } from "../local-engine-options.ts";
import { readControl, readCounters, readNumber, writeControl } from "./control-file.ts";
import { groupFolders, type Layout } from "./layout.ts";
import { type GroupLimits, killGroup, setCap, setLimits } from "./set-limits.ts";

/** What the memory controller saw of a group. */
export interface MemoryEvents {
  kills: number;
  /** The group's own limit, where that was what ran out. */
  limitBytes: number | null;
  /** The limit of all jobs together, where that was. */
  capBytes: number | null;
  peakBytes: number | null;
}

/** What a tree has used when it ended, as its groups counted it. null: the kernel does not say. */
export interface Used {
  cpuUs: number;
  pidsPeak: number | null;
  /** The limit. */
  pidsMax: number | null;
  pidsRefused: number | null;
  peakMemoryBytes: number | null;
}

/** The control groups of jobs: one per job in every hierarchy in use, all under the same name. */
export class JobGroups {
  readonly layout: Layout;
  readonly #folders: readonly string[];
  readonly #devices: readonly string[];
  readonly #killPatienceMs: number;

  constructor(layout: Layout, options: { devices: readonly string[]; killPatienceMs?: number }) {
    this.layout = layout;
    this.#folders = groupFolders(layout);
    this.#devices = options.devices;
    this.#killPatienceMs = options.killPatienceMs ?? 60_000;
  }

  get folders(): readonly string[] {
    return this.#folders;
  }

  /** Makes the groups that hold all jobs, and caps them. */
  prepare(cap: HostCap): void {
    // Without a hierarchy this would make plain folders, in which every write seems to succeed.
    if (this.layout.mode === "none")
      throw new Error("no control groups of version 2 are mounted on this host");
    for (const folder of this.#folders) mkdirSync(folder, { recursive: true });
    if (this.layout.mode === "v2") this.#delegate();
    setCap(this.layout, cap);
  }

  /** Passes the controllers down to the groups of jobs, from the root of the hierarchy on. */
  #delegate(): void {
    const { tracking, cpu, pids, memory, io } = this.layout;
    const wanted = Object.entries({ cpu, pids, memory, io }).flatMap(([name, at]) =>
      at === null ? [] : [name],
    );
    for (const folder of [join(tracking, "../.."), join(tracking, ".."), tracking]) {
      const given = new Set((readControl(folder, "cgroup.subtree_control") ?? "").split(" "));
      const value = wanted.filter((name) => !given.has(name)).map((name) => `+${name}`);
      if (value.length > 0) writeControl(folder, { file: "cgroup.subtree_control", value: value.join(" ") });
    }
  }

  setLimits(group: string, limits: GroupLimits): void {
    setLimits(this.layout, { group, limits, devices: this.#devices });
  }

  /** Names of all groups that are there. */
  list(): string[] {
    const names = this.#folders.flatMap((folder) => foldersIn(folder));
    return [...new Set(names)];
  }

  exists(group: string): boolean {
    return readControl(this.#tracking(group), "cgroup.events") !== null;
  }

  isPopulated(group: string): boolean {
    return readCounters(this.#tracking(group), "cgroup.events").get("populated") === 1;
  }

  /** Sends KILL to the whole tree, also to a stopped or frozen one. */
  sendKill(group: string): void {
    if (this.exists(group)) killGroup(this.#tracking(group));
  }

  /** Ends the whole tree. False when it is not gone in time: a process that waits in the kernel hears of KILL later. */
  async kill(group: string): Promise<boolean> {
    if (!this.exists(group)) return true;
    this.sendKill(group);
    return await this.#empty(group);
  }

  /** The host's process ids of the group. */
  pids(group: string): number[] {
    const text = readControl(this.#tracking(group), "cgroup.procs") ?? "";
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map(Number);
  }

  /** `ownProcesses` of the count are not the job's. null when there is no such group. */
  usage(group: string, ownProcesses: number): EngineUsage | null {
    const cpuUs = readCounters(this.#tracking(group), "cpu.stat").get("usage_usec");
    if (cpuUs === undefined) return null;
    const pids = this.layout.pids === null ? null : join(this.layout.pids, group);
    return {
      cpuMs: Math.round(cpuUs / 1000),
      peakMemoryBytes: this.memory(group)?.peakBytes ?? null,
      pidsPeak:
        pids === null
          ? null
          : peakOf(
              { counted: readNumber(pids, "pids.peak"), most: readNumber(pids, "pids.max") },
              ownProcesses,
            ),
      pidsRefused: pids === null ? null : (readCounters(pids, "pids.events").get("max") ?? null),
    };
  }

  /** The same, as it was counted when the tree ended. */
  usageOf(used: Used, ownProcesses: number): EngineUsage {
    const { cpuUs, pidsPeak, pidsMax, pidsRefused, peakMemoryBytes } = used;
    const hasPids = this.layout.pids !== null;
    return {
      cpuMs: Math.round(cpuUs / 1000),
      peakMemoryBytes: this.layout.memory === null ? null : peakMemoryBytes,
      pidsPeak: hasPids ? peakOf({ counted: pidsPeak, most: pidsMax }, ownProcesses) : null,
      pidsRefused: hasPids ? pidsRefused : null,
    };
  }

  /** Bytes that it holds now; null where nobody counts them. */
  memoryHeld(group: string): number | null {
    return this.layout.memory === null
      ? null
      : readNumber(`${this.layout.memory}/${group}`, "memory.current");
  }

  memory(group: string): MemoryEvents | null {
    if (this.layout.memory === null) return null;
    const folder = join(this.layout.memory, group);
    const events = readCounters(folder, "memory.events");
    // The kernel counts a kill with its victim, and `oom` where the limit was: here, at the cap, or neither, at the host.
    const isOwn = (events.get("oom") ?? 0) > 0;
    const isCap = !isOwn && (readCounters(this.layout.memory, "memory.events.local").get("oom") ?? 0) > 0;
    return {
      kills: events.get("oom_kill") ?? 0,
      limitBytes: isOwn ? readNumber(folder, "memory.max") : null,
      capBytes: isCap ? readNumber(this.layout.memory, "memory.max") : null,
      peakBytes: readNumber(folder, "memory.peak"),
    };
  }

  /**
   * Removes the groups of a tree that is gone, where its shim has not. Off the event loop: the kernel removes groups one
   * after the other, whoever on the host asks for it. Idempotent.
   */
  async remove(group: string): Promise<void> {
    for (const folder of this.#folders) {
      // A process that has just ended may still be counted for a moment.
      for (let attempt = 0; !(await removeFolder(join(folder, group))); attempt += 1) {
        if (attempt === 200) throw new Error(`Cannot remove control group "${group}": it is not empty`);
        await delay(attempt < 20 ? 2 : 20);
      }
    }
  }

  /** Takes away what `prepare` made, unless a job is still there. */
  async leave(): Promise<void> {
    for (const folder of this.#folders) {
      if (await removeFolder(folder)) await removeFolder(join(folder, ".."));
    }
  }

  #tracking(group: string): string {
    return join(this.layout.tracking, group);
  }

  /**
   * Waits until the kernel announces that nothing is left in the group; false when that was not so in time. It announces
   * nothing of a group that is taken away, nor within 10 ms of what it announced last: a shim that takes its group away is faster.
   */
  async #empty(group: string): Promise<boolean> {
    const holds = (): boolean => !this.isPopulated(group);
    if (holds()) return true;
    const over = Promise.withResolvers<boolean>();
    const watcher = watchFile(join(this.#tracking(group), "cgroup.events"), () => {
      if (holds()) over.resolve(true);
    });
    // Its shim has taken the group away since the look before.
    if (watcher === null) return holds();
    watcher.on("error", () => over.resolve(holds()));
    const until = performance.now() + this.#killPatienceMs;
    let timer: NodeJS.Timeout | undefined;
    const look = (waitMs: number): void => {
      const isOver = holds();
      if (isOver || performance.now() >= until) over.resolve(isOver);
      else timer = setTimeout(look, waitMs, Math.min(2 * waitMs, LONGEST_LOOK_MS));
    };
    try {
      // The change may have come between the first look and the watch.
      look(FIRST_LOOK_MS);
      return await over.promise;
    } finally {
      clearTimeout(timer);
      watcher.close();
    }
  }
}

const FIRST_LOOK_MS = 20;
const LONGEST_LOOK_MS = 1000;

/** null where there is no such file. */
function watchFile(path: string, onChange: () => void): FSWatcher | null {
  try {
    return watch(path, onChange);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/**
 * Most that were there at once, and no more than there could be: the few processes by which the runtime made the sandbox,
 * before the limit was set, are counted in the same group, and cannot be told from a job's first few.
 */
function peakOf(
  { counted, most }: { counted: number | null; most: number | null },
  ownProcesses: number,
): number | null {
  if (counted === null) return null;
  return Math.max(Math.min(counted, most ?? counted) - ownProcesses, 0);
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
}

async function removeFolder(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EBUSY" || code === "ENOTEMPTY") return false;
    if (code === "ENOENT") return true;
    throw error;
  }
}
