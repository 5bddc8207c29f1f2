import { type IdRange, INNER_ID, RANGE_SIZE } from "./id-range.ts";
import type { HardLimits } from "../host/hard-limits.ts";
import type { Root, Surroundings } from "../../../core/stages/surroundings.ts";
import { seccomp } from "./seccomp.ts";
import { view } from "../host/view.ts";

/** What of a sandbox differs from place to place; nothing of a job is in it, as it is made before one comes. */
export interface BundleRequest extends Pick<Surroundings, "root"> {
  /** The name that the folder bears by now which is /work inside, also once it bears a job's id. null: without one. */
  work: string | null;
  /** Whether its place has a network, made before: the sandbox then shares that of who makes it, and asks there for names. */
  hasNetwork: boolean;
  /** The host's ids of this place. */
  ids: IdRange;
  /** Whether the spawner has made a user namespace of these ids, for the runtime to put the sandbox into. */
  joinsUsers: boolean;
  /** The server's own: a job's are never above them. */
  hardLimits: HardLimits;
  /** Group path of runtimes that insist on one of their own; null for those that need none. */
  cgroupsPath: string | null;
  /** The list of system calls as the kernel takes it, base64: spares the runtime the translation, 2 ms a sandbox. */
  filter: string | null;
}

/** An OCI configuration, as far as any of ours uses it. What is not named here no sandbox of ours has. */
export interface OciConfig {
  ociVersion: string;
  annotations?: Readonly<Record<string, string>>;
  hostname: string;
  root: { path: string; readonly: boolean };
  process: {
    user: { uid: number; gid: number };
    args: readonly string[];
    env: readonly string[];
    cwd: string;
    noNewPrivileges: boolean;
    capabilities: Readonly<Record<string, readonly string[]>>;
    rlimits: readonly { type: string; hard: number; soft: number }[];
  };
  mounts: readonly OciMount[];
  linux: {
    namespaces: readonly { type: string; path?: string }[];
    uidMappings: readonly { containerID: number; hostID: number; size: number }[];
    gidMappings: readonly { containerID: number; hostID: number; size: number }[];
    maskedPaths: readonly string[];
    readonlyPaths: readonly string[];
    cgroupsPath?: string;
    seccomp: object;
  };
}

export interface OciMount {
  destination: string;
  type: string;
  source: string;
  options: readonly string[];
}

/** Where the list of system calls stands as the kernel takes it, base64. */
export const FILTER = "run.oci.seccomp_bpf_data";

/** Pid 1: berth-init, which the spawner has put into the root that all share. */
const INIT_INSIDE = "/.init/init";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
export const baseEnv: Readonly<Record<string, string>> = { PATH, HOME: "/work" };

/** Where the spawner has what a sandbox may find as its file system. */
function rootFolder(root: Root): string {
  switch (root.kind) {
    case "host-toolchain":
      return view.rootfs;
    case "image":
      throw new Error("This engine has no images, and says so");
    default:
      return root satisfies never;
  }
}
const CAPABILITIES = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] };
const NAMESPACES = ["pid", "mount", "ipc", "uts", "network", "cgroup"].map((type) => ({ type }));
const SHARING = NAMESPACES.filter(({ type }) => type !== "network");
const MASKED = [
  "acpi",
  "asound",
  "interrupts",
  "kallsyms",
  "kcore",
  "key-users",
  "keys",
  "latency_stats",
  // Everybody may write triggers there, each of which holds up the end of its process.
  "pressure",
  "sched_debug",
  "scsi",
  "timer_list",
  "timer_stats",
].map((name) => `/proc/${name}`);
const READ_ONLY = ["bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => `/proc/${name}`);

/** Of the host's 4096, a quarter of which stays root's. */
const PTYS = 32;
/** Also what POSIX timers count as. Enough for thousands of threads that are profiled. */
const PENDING_SIGNALS = 8192;
/** What Linux gives unasked: ten queues of ten messages. */
const QUEUE_BYTES = 819_200;
/** No file is that small. At 0 the kernel would still start the program of a core_pattern with a pipe, as root. */
const CORE_BYTES = 1;

/** What lies in memory, and an inode for each page of it: empty files take memory too. */
const memoryFolder = (destination: string, options: readonly string[]) => ({
  destination,
  type: "tmpfs",
  source: "tmpfs",
  options: ["nosuid", "nodev", ...options],
});
const MOUNTS = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "mode=755", "size=64k", "nr_inodes=1k"],
  },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", `max=${PTYS}`],
  },
  memoryFolder("/dev/shm", ["noexec", "mode=1777", "size=64m", "nr_inodes=16k"]),
  memoryFolder("/tmp", ["mode=1777", "size=256m", "nr_inodes=64k"]),
];

/** Whom a job with a network asks for names. All others have an empty file there. */
const RESOLVERS = {
  destination: "/etc/resolv.conf",
  type: "bind",
  source: view.resolvers,
  options: ["bind", "ro", "nosuid", "nodev", "noexec"],
};

/** What one sandbox is made of; as JSON it is the runtime's config.json. */
export function ociConfig(request: BundleRequest): OciConfig {
  const { ids, hardLimits } = request;
  const mapping = [{ containerID: 0, hostID: ids.first, size: RANGE_SIZE }];
  const users = { type: "user", ...(request.joinsUsers && { path: `${view.users}/${ids.first}` }) };
  const limits = [
    rlimit("NOFILE", hardLimits.openFiles),
    rlimit("SIGPENDING", Math.min(PENDING_SIGNALS, hardLimits.pendingSignals)),
    rlimit("MSGQUEUE", Math.min(QUEUE_BYTES, hardLimits.queueBytes)),
    rlimit("CORE", Math.min(CORE_BYTES, hardLimits.coreBytes)),
  ];
  return {
    ociVersion: "1.0.2",
    ...(request.filter !== null && { annotations: { [FILTER]: request.filter } }),
    hostname: "job",
    root: { path: rootFolder(request.root), readonly: true },
    process: {
      user: { uid: INNER_ID, gid: INNER_ID },
      args: [INIT_INSIDE, "init"],
      env: [],
      cwd: "/",
      noNewPrivileges: true,
      capabilities: CAPABILITIES,
      rlimits: limits,
    },
    mounts: [
      ...MOUNTS,
      ...(request.work === null ? [] : [workMount(request.work)]),
      ...(request.hasNetwork ? [RESOLVERS] : []),
    ],
    linux: {
      namespaces: [users, ...(request.hasNetwork ? SHARING : NAMESPACES)],
      uidMappings: mapping,
      gidMappings: mapping,
      maskedPaths: MASKED,
      readonlyPaths: READ_ONLY,
      ...(request.cgroupsPath !== null && { cgroupsPath: request.cgroupsPath }),
      // Where the runtime does not know the annotation, nothing at all is allowed, and the job fails.
      seccomp: request.filter === null ? seccomp : { ...seccomp, syscalls: [] },
    },
  };
}

function workMount(name: string) {
  const source = `${view.work}/${name}`;
  return { destination: "/work", type: "bind", source, options: ["bind", "nosuid", "nodev"] };
}

function rlimit(name: string, value: number): { type: string; hard: number; soft: number } {
  return { type: `RLIMIT_${name}`, hard: value, soft: value };
}
