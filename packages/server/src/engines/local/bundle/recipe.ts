import { FILTER, type OciConfig, type OciMount } from "./oci-config.ts";

/**
 * What berth-init makes a sandbox of by itself: the same OCI configuration, in its own words (native/README.md has the
 * format). What these have no words for gets no recipe, and the OCI runtime makes that sandbox.
 */
export function encodeRecipe(config: OciConfig): Buffer | null {
  if (!isPlain(config)) return null;
  const users = config.linux.namespaces.find(({ type }) => type === "user")?.path;
  const filter = Buffer.from(config.annotations?.[FILTER] ?? "", "base64");
  const mounts = config.mounts.map(encodeMount);
  const limits = config.process.rlimits.map(encodeLimit);
  if (users === undefined || filter.length === 0 || filter.length % INSTRUCTION_BYTES !== 0) return null;
  if (!mounts.every((mount) => mount !== null) || !limits.every((limit) => limit !== null)) return null;
  const { maskedPaths, readonlyPaths } = config.linux;
  const { args, user } = config.process;
  const words = [
    users,
    config.root.path,
    config.hostname,
    ...args,
    ...mounts.flatMap((mount) => mount.words),
    ...maskedPaths,
    ...readonlyPaths,
  ];
  const strings = Buffer.from(`${words.join("\0")}\0`);
  const flags = Buffer.from(Uint32Array.from(mounts, (mount) => mount.flags).buffer);
  const counts = [limits.length, filter.length / INSTRUCTION_BYTES, mounts.length];
  const head = Buffer.alloc(HEADER_BYTES);
  const parts = [head, ...limits, filter, flags, strings];
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (size > MOST_BYTES) return null;
  head.write("BSB1", "latin1");
  const numbers = [
    size,
    user.uid,
    user.gid,
    ...counts,
    maskedPaths.length,
    readonlyPaths.length,
    args.length,
  ];
  numbers.forEach((value, n) => head.writeUInt32LE(value, 4 + 4 * n));
  return Buffer.concat(parts);
}

const HEADER_BYTES = 48;
const LIMIT_BYTES = 24;
const INSTRUCTION_BYTES = 8;
const MOST_BYTES = 2 ** 16;

/** What berth-init always does; a configuration that asks for something else is none of its own. */
function isPlain(config: OciConfig): boolean {
  const { root, process, linux, annotations = {} } = config;
  const isKnown =
    hasOnly(config, KNOWN.config) &&
    hasOnly(process, KNOWN.process) &&
    hasOnly(linux, KNOWN.linux) &&
    hasOnly(annotations, KNOWN.annotations);
  const isBare = process.env.length === 0 && Object.values(process.capabilities).flat().length === 0;
  const types = linux.namespaces.map(({ type, path }) =>
    path === undefined || type === "user" ? type : "joined",
  );
  const isApart = NAMESPACES.has(types.toSorted().join(" "));
  return isKnown && isBare && isApart && root.readonly && process.noNewPrivileges && process.cwd === "/";
}

function hasOnly(object: object, known: ReadonlySet<string>): boolean {
  return Object.keys(object).every((key) => known.has(key));
}

const KNOWN = {
  config: new Set(["ociVersion", "annotations", "hostname", "root", "process", "mounts", "linux"]),
  process: new Set(["user", "args", "env", "cwd", "noNewPrivileges", "capabilities", "rlimits"]),
  linux: new Set(["namespaces", "uidMappings", "gidMappings", "maskedPaths", "readonlyPaths", "seccomp"]),
  annotations: new Set([FILTER]),
};

/** Without one for its network a sandbox has that of its place: where that has none, berth-init makes one. */
const NAMESPACES = new Set(["cgroup ipc mount network pid user uts", "cgroup ipc mount pid user uts"]);

/** The kernel's own numbers. */
const FLAGS: Readonly<Record<string, number>> = { ro: 1, nosuid: 2, nodev: 4, noexec: 8, bind: 0x1000 };
const LIMITS: Readonly<Record<string, number>> = {
  RLIMIT_CORE: 4,
  RLIMIT_NOFILE: 7,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
};
/** File systems that a user namespace may mount, and the options that they read themselves. */
const TYPES = new Set(["proc", "tmpfs", "devpts"]);
const DATA = /^(newinstance|(mode|ptmxmode|size|nr_inodes|max)=\w+)$/;

interface Mount {
  flags: number;
  words: readonly string[];
}

function encodeMount({ destination, type, source, options }: OciMount): Mount | null {
  const data = options.filter((option) => FLAGS[option] === undefined);
  const flags = options.reduce((sum, option) => sum | (FLAGS[option] ?? 0), 0);
  const isBind = (flags & 0x1000) !== 0;
  const isKnown = isBind ? type === "bind" && data.length === 0 : TYPES.has(type);
  if (!isKnown || !data.every((option) => DATA.test(option))) return null;
  return { flags, words: [destination, type, source, data.join(",")] };
}

function encodeLimit({ type, soft, hard }: OciConfig["process"]["rlimits"][number]): Buffer | null {
  const resource = LIMITS[type];
  if (resource === undefined) return null;
  const limit = Buffer.alloc(LIMIT_BYTES);
  limit.writeUInt32LE(resource);
  limit.writeBigUInt64LE(BigInt(soft), 8);
  limit.writeBigUInt64LE(BigInt(hard), 16);
  return limit;
}
