import { idRangeOf, INNER_ID, RANGE_SIZE } from "./id-range.ts";
import type { InitStart } from "./init-command.ts";
import { seccomp } from "./seccomp.ts";
import { view } from "../spawner/view.ts";

/** What of a job's configuration differs from job to job. */
export interface BundleRequest {
  id: string;
  group: string;
  /** Pid 1. */
  init: InitStart;
  workdir: string;
  diskBytes: number | null;
  /** Processes of the engine that are counted with the job's. */
  ownProcesses: number;
  /** The server's own hard limit of open files: a job's is never above it. */
  openFiles: number;
  /** Group path of runtimes that insist on one of their own; null for those that need none. */
  cgroupsPath: string | null;
  /** The list of system calls as the kernel takes it, base64: spares the runtime the translation, 2 ms a job. */
  filter: string | null;
  /** Only to see whether a job can be made: without a folder of its own. */
  isProbe?: boolean;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
export const baseEnv: Readonly<Record<string, string>> = { PATH, HOME: "/work" };

/** Names under which the engine finds its own facts again after a restart. */
export const annotation = {
  group: "dev.berth.group",
  disk: "dev.berth.disk-bytes",
  ownProcesses: "dev.berth.own-processes",
} as const;

const CAPABILITIES = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] };
const NAMESPACES = ["user", "pid", "mount", "ipc", "uts", "network", "cgroup"].map((type) => ({ type }));
const MASKED = [
  "acpi",
  "asound",
  "interrupts",
  "kallsyms",
  "kcore",
  "keys",
  "latency_stats",
  "sched_debug",
  "scsi",
  "timer_list",
  "timer_stats",
].map((name) => `/proc/${name}`);
const READ_ONLY = ["bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => `/proc/${name}`);

const memoryFolder = (destination: string, options: readonly string[]) => ({
  destination,
  type: "tmpfs",
  source: "tmpfs",
  options: ["nosuid", "nodev", ...options],
});
const MOUNTS = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=64k"] },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
  },
  memoryFolder("/dev/shm", ["noexec", "mode=1777", "size=64m"]),
  memoryFolder("/tmp", ["mode=1777", "size=256m"]),
];

/** The runtime's configuration of one job, as the text of its config.json. */
export function ociConfig(request: BundleRequest): string {
  const { id, diskBytes, openFiles } = request;
  const mapping = [{ containerID: 0, hostID: idRangeOf(id).first, size: RANGE_SIZE }];
  const limits = [
    rlimit("NOFILE", openFiles),
    rlimit("CORE", 0),
    ...(diskBytes === null ? [] : [rlimit("FSIZE", diskBytes)]),
  ];
  return JSON.stringify({
    ociVersion: "1.0.2",
    annotations: {
      ...(request.filter !== null && { "run.oci.seccomp_bpf_data": request.filter }),
      [annotation.group]: request.group,
      [annotation.ownProcesses]: String(request.ownProcesses),
      ...(diskBytes !== null && { [annotation.disk]: String(diskBytes) }),
    },
    hostname: "job",
    root: { path: view.rootfs, readonly: true },
    process: {
      user: { uid: INNER_ID, gid: INNER_ID },
      args: request.init.args,
      env: Object.entries(request.init.env).map(([name, value]) => `${name}=${value}`),
      cwd: request.workdir,
      noNewPrivileges: true,
      capabilities: CAPABILITIES,
      rlimits: limits,
    },
    mounts: [...MOUNTS, ...(request.isProbe ? [] : [workMount(id)])],
    linux: {
      namespaces: NAMESPACES,
      uidMappings: mapping,
      gidMappings: mapping,
      maskedPaths: MASKED,
      readonlyPaths: READ_ONLY,
      ...(request.cgroupsPath !== null && { cgroupsPath: request.cgroupsPath }),
      // Where the runtime does not know the annotation, nothing at all is allowed, and the job fails.
      seccomp: request.filter === null ? seccomp : { ...seccomp, syscalls: [] },
    },
  });
}

function workMount(id: string) {
  const source = `${view.work}/${id}`;
  return { destination: "/work", type: "bind", source, options: ["bind", "nosuid", "nodev"] };
}

function rlimit(name: string, value: number): { type: string; hard: number; soft: number } {
  return { type: `RLIMIT_${name}`, hard: value, soft: value };
}
