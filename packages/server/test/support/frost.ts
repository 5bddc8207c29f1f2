import { existsSync, mkdirSync, readFileSync, rmdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readProc } from "./leftovers.ts";
import { until } from "./until.ts";

const CGROUP1_MAGIC = 0x27e0eb;
const freezer = "/sys/fs/cgroup/freezer";

/** Why no process can be held against KILL here; null when one can. Only the freezer of version 1 does so at will. */
export function whyNoneFreezes(): string | null {
  const hasFreezer = existsSync(freezer) && statfsSync(freezer).type === CGROUP1_MAGIC;
  return hasFreezer
    ? null
    : "this host has no freezer of version 1, which alone holds a process against KILL";
}

export interface Frost extends AsyncDisposable {
  thaw(): Promise<void>;
}

/** The `sleep` of a group: a shell that has made its process goes on before that has become another program. */
export async function sleeperIn(group: string): Promise<string> {
  const find = (): string | undefined => {
    const pids = readFileSync(join(group, "cgroup.procs"), "utf8").split("\n").filter(Boolean);
    return pids.find((pid) => readProc(Number(pid), "comm").trim() === "sleep");
  };
  return await until(find, { what: "the process that sleeps" });
}

/** Has these processes wait in the kernel, where they do not hear of KILL, until they are thawed. */
export async function freeze(name: string, pids: readonly string[]): Promise<Frost> {
  const cold = join(freezer, name);
  mkdirSync(cold);
  const thaw = async (): Promise<void> => {
    if (!existsSync(cold)) return;
    writeFileSync(join(cold, "freezer.state"), "THAWED");
    await until(() => readFileSync(join(cold, "cgroup.procs"), "utf8") === "", { what: "an empty group" });
    rmdirSync(cold);
  };
  await using scope = new AsyncDisposableStack();
  scope.defer(thaw);
  for (const pid of pids) writeFileSync(join(cold, "cgroup.procs"), pid);
  writeFileSync(join(cold, "freezer.state"), "FROZEN");
  await until(() => readFileSync(join(cold, "freezer.state"), "utf8") === "FROZEN\n", { what: "frost" });
  scope.move();
  return { thaw, [Symbol.asyncDispose]: thaw };
}
