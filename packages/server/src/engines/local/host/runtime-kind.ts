import { basename } from "node:path";
import type { InitKind } from "../bundle/init-command.ts";
import { view } from "../spawner/view.ts";

/** Where OCI runtimes differ, as far as it matters here. */
export interface RuntimeKind {
  name: "crun" | "runc" | "runsc" | "other";
  /** Options before `run`. */
  options: readonly string[];
  /** Options of `run` by which pid 1 gets descriptor 3, to report on. */
  descriptorOptions: readonly string[];
  /** Whether it leaves the control groups alone, in which the shim has put it. Else it makes one below. */
  leavesGroups: boolean;
  /** Whether it puts a job into a user namespace that was made for it; else it makes one, which is then root's. */
  joinsUsers: boolean;
  /** Processes of its own that are counted with the job's: the runtime itself and pid 1. */
  ownProcesses: number;
}

const log = ["--log", "runtime.log", "--log-format"];
const preserve = ["--preserve-fds", "1"];

const KINDS: Readonly<Record<RuntimeKind["name"], Omit<RuntimeKind, "name">>> = {
  crun: {
    options: ["--cgroup-manager=disabled", ...log, "text"],
    descriptorOptions: preserve,
    leavesGroups: true,
    joinsUsers: true,
    ownProcesses: 2,
  },
  // One process with many threads, each of which counts.
  runc: {
    options: [...log, "text"],
    descriptorOptions: preserve,
    leavesGroups: false,
    joinsUsers: false,
    ownProcesses: 16,
  },
  runsc: {
    options: ["--ignore-cgroups", ...log, "text"],
    descriptorOptions: [],
    leavesGroups: true,
    joinsUsers: false,
    ownProcesses: 64,
  },
  other: { options: [], descriptorOptions: [], leavesGroups: false, joinsUsers: false, ownProcesses: 16 },
};

export function runtimeKindOf(path: string): RuntimeKind {
  const name = basename(path);
  const known = name === "crun" || name === "runc" || name === "runsc" ? name : "other";
  return { name: known, ...KINDS[known] };
}

/** What pid 1 can do below this runtime: without the descriptor it tells nothing. */
export function initUnder({ descriptorOptions }: RuntimeKind, init: InitKind): InitKind {
  return descriptorOptions.length > 0 ? init : { ...init, read: null };
}

/** The runtime for the probe, which only shows crun's translation of the list of system calls. */
export function probeCommand({ name, options }: RuntimeKind): string {
  return name === "crun" ? [view.runtime, "--root", view.state, ...options].join(" ") : "";
}

/** What the shim executes, the id excepted. */
export function runCommand({ options, descriptorOptions }: RuntimeKind, init: InitKind): string {
  // An init that does not report would hand the descriptor on to the job.
  const passing = init.read ? descriptorOptions : [];
  return [view.runtime, "--root", view.state, ...options, "run", ...passing, "--bundle", "."].join(" ");
}
