import { basename } from "node:path";
import { view } from "./view.ts";

/** Where OCI runtimes differ, as far as it matters here. */
export interface RuntimeKind {
  name: "crun" | "runc" | "other";
  /** Options before `run`. */
  options: readonly string[];
  /** Whether it leaves the control groups alone, in which the shim has put it. Else it makes one below. */
  leavesGroups: boolean;
  /** Whether it puts a job into a user namespace that was made for it; else it makes one, which is then root's. */
  joinsUsers: boolean;
  /** Whether it can hand pid 1 the descriptor by which that hears of its job. */
  passesDescriptors: boolean;
}

/** Processes of the engine that are counted with a job's: pid 1. */
export const OWN_PROCESSES = 1;

const log = ["--log", "runtime.log", "--log-format", "text"];

const KINDS: Readonly<Record<RuntimeKind["name"], Omit<RuntimeKind, "name">>> = {
  crun: {
    options: ["--cgroup-manager=disabled", ...log],
    leavesGroups: true,
    joinsUsers: true,
    passesDescriptors: true,
  },
  runc: { options: log, leavesGroups: false, joinsUsers: false, passesDescriptors: true },
  other: { options: [], leavesGroups: false, joinsUsers: false, passesDescriptors: true },
};

/** Known to take no descriptor from outside into the sandbox. */
const WITHOUT_DESCRIPTORS = new Set(["runsc"]);

export function runtimeKindOf(path: string): RuntimeKind {
  const name = basename(path);
  const known = name === "crun" || name === "runc" ? name : "other";
  const kind = { name: known, ...KINDS[known] } as const;
  return WITHOUT_DESCRIPTORS.has(name) ? { ...kind, passesDescriptors: false } : kind;
}

/** The runtime for the probe, which only shows crun's translation of the list of system calls. */
export function probeCommand({ name, options }: RuntimeKind): string {
  return name === "crun" ? [view.runtime, "--root", view.state, ...options].join(" ") : "";
}

/** What the shim executes, the name of the place excepted: the runtime is gone again once pid 1 runs. */
export function runCommand({ options }: RuntimeKind): string {
  const run = ["run", "--detach", "--preserve-fds", "1", "--bundle", "."];
  return [view.runtime, "--root", view.state, ...options, ...run].join(" ");
}
