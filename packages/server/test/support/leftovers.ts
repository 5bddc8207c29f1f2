import { execFile } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface LeftoverQuery {
  /** What a trace carries in its name: a job's id, or the name of a test's own group or folder. */
  mark: string;
  /** Folder below which files are looked for. */
  folder: string;
  /** The engine's control group, where it has one. */
  cgroupName?: string | undefined;
  /** Processes that may carry the mark: the server that is looked at. */
  except?: readonly number[];
}

/** Everything on this host that still carries the mark: processes, mounts of any namespace, control groups, files. */
export async function leftovers(query: LeftoverQuery): Promise<string[]> {
  const found = [...processes(query), ...mounts(query), ...controlGroups(query)];
  return [...found, ...(await files(query))];
}

function processes({ mark, except = [] }: LeftoverQuery): string[] {
  const ignored = new Set([...except, process.pid]);
  return pids()
    .filter((pid) => !ignored.has(pid))
    .flatMap((pid) => {
      const traces = [readProc(pid, "cmdline").replaceAll("\0", " "), readProc(pid, "cgroup")];
      const trace = traces.find((text) => text.includes(mark));
      return trace === undefined || isZombie(pid) ? [] : [`process ${pid}: ${trace.trim()}`];
    });
}

function mounts({ mark }: LeftoverQuery): string[] {
  // One of all that have one namespace and one root: they see the same, and a list of mounts is long.
  const views = new Map(pids().map((pid) => [viewOf(pid), pid]));
  const lines = [...views.values()].flatMap((pid) => readProc(pid, "mountinfo").split("\n"));
  return [...new Set(lines.filter((line) => line.includes(mark)))].map((line) => `mount ${line}`);
}

/** From where a process sees mounts; empty when it is gone. */
function viewOf(pid: number): string {
  try {
    return ["ns/mnt", "root"].map((link) => readlinkSync(`/proc/${pid}/${link}`)).join(" ");
  } catch {
    return "";
  }
}

function controlGroups({ mark, cgroupName }: LeftoverQuery): string[] {
  if (cgroupName === undefined) return [];
  return hierarchies().flatMap((root) =>
    globSync(`${cgroupName}/**/*${mark}*/`, { cwd: root }).map((path) => `control group ${join(root, path)}`),
  );
}

async function files({ mark, folder }: LeftoverQuery): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const named = ["-mindepth", "1", "-name", `*${mark}*`, "-prune"];
  const { stdout } = await run("find", [folder, "-ignore_readdir_race", ...named]).catch(onlyVanished);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((path) => `file ${path}`);
}

/** What goes away while it is looked through, of other jobs, is no fault. */
function onlyVanished(error: unknown): { stdout: string } {
  const { stdout, stderr } = error as { stdout?: string; stderr?: string };
  const complaints = (stderr ?? "").split("\n").filter((line) => line !== "");
  const isFine =
    complaints.length > 0 && complaints.every((line) => line.endsWith("No such file or directory"));
  if (!isFine || stdout === undefined) throw error;
  return { stdout };
}

/** The mounted hierarchies: one on a v2 host, one per controller on others. */
export function hierarchies(): string[] {
  const root = "/sys/fs/cgroup";
  if (!existsSync(root)) return [];
  if (existsSync(join(root, "cgroup.controllers"))) return [root];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name));
}

export function pids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Empty when the process is gone. */
export function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** The processes that `parent` has started itself and that are still there. */
export function childrenOf(parent: number): number[] {
  const pattern = new RegExp(`^PPid:\\s+${parent}$`, "m");
  return pids().filter((pid) => pattern.test(readProc(pid, "status")) && !isZombie(pid));
}

function isZombie(pid: number): boolean {
  return /^State:\s+[ZX]/m.test(readProc(pid, "status"));
}
