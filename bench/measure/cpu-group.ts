import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { isUnified } from "./machine.ts";

const ROOT = isUnified() ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified";

/**
 * A control group of the benchmark's own, for its CPU time: what its processes used and what groups below it
 * used that are gone by now. It sets no limit.
 */
export class CpuGroup implements Disposable {
  readonly path: string;
  #below: readonly string[];

  constructor(name: string, options: { alsoCount?: readonly string[] } = {}) {
    this.path = `${ROOT}/${name}`;
    this.#below = (options.alsoCount ?? []).map((other) => `${ROOT}/${other}`);
    mkdirSync(this.path);
  }

  /** The command that runs `command` inside this group. */
  wrap(command: readonly string[]): [string, ...string[]] {
    return ["/bin/sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', this.path, ...command];
  }

  cpuMs(): number {
    return [this.path, ...this.#below].reduce((sum, path) => sum + usageMs(path), 0);
  }

  [Symbol.dispose](): void {
    rmdirSync(this.path);
  }
}

function usageMs(path: string): number {
  const file = `${path}/cpu.stat`;
  if (!existsSync(file)) return 0;
  const usage = /^usage_usec (\d+)$/m.exec(readFileSync(file, "utf8"));
  return Number(usage?.[1] ?? 0) / 1000;
}

/** Removes the groups that a server of this name has made, from every hierarchy. Only once it has ended. */
export function removeServerGroups(name: string): void {
  const roots = ["", ...readdirSync("/sys/fs/cgroup")].map((folder) => `/sys/fs/cgroup/${folder}`);
  for (const group of roots.flatMap((root) => [`${root}/${name}/jobs`, `${root}/${name}`])) {
    if (existsSync(group)) rmdirSync(group);
  }
}
