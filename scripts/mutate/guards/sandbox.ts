import type { Guard } from "./guard.ts";

const local = "packages/server/src/engines/local";
const config = `${local}/bundle/oci-config.ts`;
const mounts = `${local}/bundle/mounts.test.ts`;
const look = `${local}/bundle/sandbox-look.test.ts`;

const masked = (name: string): Guard => ({
  guard: `/proc/${name} is covered`,
  file: config,
  take: `  "${name}",\n`,
  test: mounts,
});

/** The walls around a job. */
export const sandbox: readonly Guard[] = [
  {
    guard: "a job has a cgroup namespace of its own",
    file: config,
    take: `"network", "cgroup"].map`,
    leave: `"network"].map`,
    test: look,
  },
  {
    guard: "a job has an IPC namespace of its own",
    file: config,
    take: `"ipc", "uts", "network"`,
    leave: `"uts", "network"`,
    test: look,
  },
  masked("keys"),
  masked("kcore"),
  masked("timer_list"),
  masked("pressure"),
  {
    guard: "what can be changed of the kernel is read-only",
    file: config,
    take: "      readonlyPaths: READ_ONLY,\n",
    test: mounts,
  },
  { guard: "a job leaves no core file", file: config, take: `    rlimit("CORE", 0),\n`, test: mounts },
];
