import type { Guard } from "./guard.ts";

const local = "packages/server/src/engines/local";
const tests = "packages/server/test/local";
const config = `${local}/bundle/oci-config.ts`;
const calls = `${local}/bundle/seccomp.ts`;
const view = `${local}/host/view-steps.ts`;
const mounts = `${tests}/mounts.test.ts`;
const look = `${tests}/recorded-isolation.test.ts`;

const refused = (name: string, take: string, leave = ""): Guard => ({
  guard: `the list of system calls refuses ${name}`,
  file: calls,
  take,
  leave,
  test: `${tests}/seccomp.test.ts`,
});

const masked = (name: string): Guard => ({
  guard: `/proc/${name} is covered`,
  file: config,
  take: `  "${name}",\n`,
  test: mounts,
});

/** The walls around a job. */
export const sandbox: readonly Guard[] = [
  {
    guard: "more cores than all jobs have are what all jobs have",
    file: `${local}/groups/set-limits.ts`,
    take: "if (most === null || most >= quota) throw error;",
    leave: "if (most !== quota) throw error;",
    test: "packages/server/src/engines/local/groups/set-limits.test.ts",
  },
  {
    guard: "a job is not spared where the host spares the server",
    file: `${local}/spawner/probe-script.ts`,
    take: `[ "$score" -ge 0 ] || echo 0 >/proc/self/oom_score_adj\n`,
    test: "packages/server/test/oom-score.test.ts",
    where: "guest",
  },
  {
    guard: "a job gets no filters of sockets",
    file: calls,
    take: "setsid set_thread_area",
    leave: "setsid setsockopt set_thread_area",
    test: "packages/server/test/abuse-goods.test.ts",
    title: "filters of sockets",
  },
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
  {
    guard: "a job leaves no core file",
    file: config,
    take: `    rlimit("CORE", Math.min(CORE_BYTES, hardLimits.coreBytes)),\n`,
    test: mounts,
  },
  {
    guard: "/work gives no other user and no device",
    file: config,
    take: `options: ["bind", "nosuid", "nodev"]`,
    leave: `options: ["bind"]`,
    also: { file: view, take: `["bind", "sd", work`, leave: `["bind", "-", work` },
    test: mounts,
  },
  {
    guard: "/tmp holds no more than it may",
    file: config,
    take: `"size=256m", "nr_inodes=64k"`,
    leave: `"nr_inodes=64k"`,
    test: mounts,
  },
  {
    guard: "the keys of the host are covered",
    file: view,
    take: `    ...KEYS.filter(isFolder).map((path): Step => ["memory", "r", "mode=0755,size=4k", inside(path)]),\n`,
    test: mounts,
  },
  {
    guard: "each job has ids of its own",
    file: `${local}/bundle/id-range.ts`,
    take: "if (this.#taken.has(first)) continue;",
    test: "packages/server/test/abuse-goods.test.ts",
    title: "no user id in common",
  },
  {
    guard: "a job's stdin cannot be changed by it",
    file: view,
    take: `["bind", "rsdx",`,
    leave: `["bind", "-",`,
    also: {
      file: `${local}/work/furnish.ts`,
      take: `else writeFileSync(path, content ?? "", { mode: 0o644 });`,
      leave:
        `else { writeFileSync(path, content ?? "");` +
        ` process.getBuiltinModule("node:fs").chmodSync(path, 0o666); }`,
    },
    test: mounts,
  },
  {
    guard: "what is kept of a job is root's alone",
    file: `${local}/work/collect.ts`,
    take: "  chmodSync(to, 0o600);\n",
    test: `${tests}/kept-files.test.ts`,
  },
  refused("mount", " mount mount_setattr", " mount_setattr"),
  refused("a clone into namespaces other than that of users", "value: NEW_NAMESPACES", "value: 0x10000000"),
  refused("kexec_file_load", " kexec_file_load", ""),
  refused("finit_module", " finit_module", ""),
  refused("process_vm_writev", " process_vm_writev", ""),
  refused("swapon", "  swapon ", "  "),
  {
    guard: "a job that runs out of memory ends whole",
    file: `${local}/groups/set-limits.ts`,
    take: `  enforce(group, { file: "memory.oom.group", value: "1" });\n`,
    test: "packages/server/test/abuse-memory.test.ts",
    title: "never leaves the half of it",
    where: "guest",
  },
  {
    guard: "the shim outlives the signals of a terminal",
    file: "packages/server/native/src/shim.c",
    take: "{SIGHUP, SIGINT, SIGTERM, SIGPIPE}",
    leave: "{SIGPIPE}",
    test: `${tests}/shim.test.ts`,
  },
];
