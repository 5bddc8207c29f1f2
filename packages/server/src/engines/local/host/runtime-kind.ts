import { basename } from "node:path";
import { view } from "../spawner/view.ts";

/** Where OCI runtimes differ, as far as it matters here. */
export interface RuntimeKind {
  name: "crun" | "runc" | "runsc" | "other";
  /** Options before `run`. */
  options: readonly string[];
  /** Options of `run`; descriptor 3 is pid 1's to report on. */
  runOptions: readonly string[];
  /** Whether it leaves the control groups alone, in which the shim has put it. Else it makes one below. */
  leavesGroups: boolean;
  /** Processes of its own that are counted with the job's: the runtime itself and pid 1. */
  ownProcesses: number;
}

const log = ["--log", "runtime.log", "--log-format"];
const preserve = ["--preserve-fds", "1"];

const KINDS: Readonly<Record<RuntimeKind["name"], Omit<RuntimeKind, "name">>> = {
  crun: {
    options: ["--cgroup-manager=disabled", ...log, "text"],
    runOptions: preserve,
    leavesGroups: true,
    ownProcesses: 2,
  },
  // One process with many threads, each of which counts.
  runc: { options: [...log, "text"], runOptions: preserve, leavesGroups: false, ownProcesses: 16 },
  runsc: {
    options: ["--ignore-cgroups", ...log, "text"],
    runOptions: [],
    leavesGroups: true,
    ownProcesses: 64,
  },
  other: { options: [], runOptions: [], leavesGroups: false, ownProcesses: 16 },
};

export function runtimeKindOf(path: string): RuntimeKind {
  const name = basename(path);
  const known = name === "crun" || name === "runc" || name === "runsc" ? name : "other";
  return { name: known, ...KINDS[known] };
}

/** The runtime for the probe, which only shows crun's translation of the list of system calls. */
export function probeCommand({ name, options }: RuntimeKind): string {
  return name === "crun" ? [view.runtime, "--root", view.state, ...options].join(" ") : "";
}

/** What the shim executes, the id excepted. */
export function runCommand({ options, runOptions }: RuntimeKind): string {
  return [view.runtime, "--root", view.state, ...options, "run", ...runOptions, "--bundle", "."].join(" ");
}
