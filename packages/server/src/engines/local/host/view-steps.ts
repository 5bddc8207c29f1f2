import { lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { view } from "./view.ts";

export interface ViewParts {
  /** The engine's folder for this run. */
  run: string;
  /** The folder of the jobs' own folders. */
  work: string;
  /** The runtime's program. */
  runtime: string;
  nameserver: string;
  /** One control group folder per hierarchy. */
  groupFolders: readonly string[];
}

/** What `berth-init view` does, one after the other: see native/README.md. */
type Step = readonly [verb: string, ...words: string[]];

const READ_ONLY = "rsd";
const FOLDERS_OF_PROGRAMS = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];
const PUBLIC_SETTINGS = ["alternatives", "ssl", "pki", "ca-certificates"];
/** Keys that other programs of the host keep beside the public certificates. */
const KEYS = ["/etc/ssl/private", "/etc/pki/tls/private"];

/**
 * How the spawner's view of the host is made, once, in its own mount namespace. What a job can see of the host is decided here, by
 * an allow-list. Throws where the host cannot be looked at, as without a free descriptor.
 */
export function viewSteps(parts: ViewParts): string[] {
  return [
    ...beginAt(`${parts.run}/view`, parts.groupFolders),
    ...ownFolders(parts),
    ...root(parts.run),
  ].flat();
}

/** In place of /sys, but for the groups: those are reached through it, and so come first. */
function beginAt(place: string, groupFolders: readonly string[]): Step[] {
  return [
    folder(place),
    ["memory", "s", "mode=0755,size=16m", place],
    ...["fs", "fs/cgroup", "berth", "berth/groups"].map((name) => folder(`${place}/${name}`)),
    ...groupFolders.flatMap((group, n): Step[] => [
      folder(`${place}/berth/groups/${n}`),
      ["bind", "-", group, `${place}/berth/groups/${n}`],
    ]),
    ["move", place, "/sys"],
    // The one cgroup view that every runtime accepts; jobs are put into their groups before the runtime starts.
    ["groups", "/sys/fs/cgroup"],
  ];
}

function ownFolders({ run, work, runtime, nameserver }: ViewParts): Step[] {
  return [
    ...[view.jobs, view.sealed, view.work, view.rootfs, view.state].map((path) => folder(path)),
    folder(view.users, "0700"),
    ["file", view.resolvers, `nameserver ${nameserver}\n`],
    // The runtime copies each job's configuration into its notes: 16 KiB at least, 6 MiB with the longest arguments. Memory
    // of their own, and as much as tmpfs gives unasked, half of the host's: the originals lie in /run or /dev/shm, which have
    // no more, so that these notes are never what runs out first. It costs what is in it.
    ["memory", "sdx", "mode=0700", view.state],
    ["bind", "-", `${run}/jobs`, view.jobs],
    ["bind", "rsdx", `${run}/jobs`, view.sealed],
    // Here, as not every runtime does it for a mount that the job may write.
    ["bind", "sd", work, view.work],
    ["file", view.runtime, ""],
    ["bind", "rs", runtime, view.runtime],
  ];
}

function root(run: string): Step[] {
  const inside = (path: string): string => `${view.rootfs}${path}`;
  const folders = [
    "usr",
    "etc",
    "etc/secret",
    "proc",
    "dev",
    "work",
    "sys",
    "run",
    "var",
    "root",
    "home",
    ".init",
  ];
  return [
    // Only a mount can be read-only.
    ["bind", "-", view.rootfs, view.rootfs],
    ...folders.map((name) => folder(inside(`/${name}`))),
    ...["/tmp", "/var/tmp"].map((path) => folder(inside(path), "1777")),
    ...FOLDERS_OF_PROGRAMS.flatMap((name) => programs(`/${name}`, inside(`/${name}`))),
    ["tree", "/usr", inside("/usr")],
    ...publicSettings().flatMap((path): Step[] => [folder(inside(path)), ["tree", path, inside(path)]]),
    ...KEYS.filter(isFolder).map((path): Step => ["memory", "r", "mode=0755,size=4k", inside(path)]),
    ...(isThere("/etc/ld.so.cache") ? [copy("0644", "/etc/ld.so.cache", inside("/etc/ld.so.cache"))] : []),
    ...Object.entries(SETTINGS).map(([name, text]): Step => ["file", inside(`/etc/${name}`), text]),
    // To be executed by everybody and read by nobody: what runs from such a file no process of the job can look into.
    ...(isThere(`${run}/init/init`) ? [copy("0711", `${run}/init/init`, inside("/.init/init"))] : []),
    // Each of the mounts, those among them that came along with the host's folders.
    ["seal", READ_ONLY, view.rootfs],
  ];
}

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join("");

/** Of a job's own: it sees no user and no host of the host's. */
const SETTINGS: Readonly<Record<string, string>> = {
  passwd: lines(
    "root:x:0:0:root:/root:/usr/sbin/nologin",
    "job:x:1000:1000:job:/work:/bin/sh",
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
  ),
  group: lines("root:x:0:", "job:x:1000:", "nogroup:x:65534:"),
  hosts: lines("127.0.0.1 localhost job", "::1 localhost"),
  "nsswitch.conf": lines("passwd: files", "group: files", "hosts: files dns"),
  hostname: lines("job"),
  "resolv.conf": "",
};

/** A folder of its own on some hosts, a link into /usr on others. */
function programs(path: string, at: string): Step[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink()) return [["link", readlinkSync(path), at]];
  return found?.isDirectory() ? [folder(at), ["tree", path, at]] : [];
}

function publicSettings(): string[] {
  const ofJava = readdirSync("/etc").filter((name) => name.startsWith("java-"));
  return [...PUBLIC_SETTINGS, ...ofJava].map((name) => `/etc/${name}`).filter(isFolder);
}

const folder = (path: string, mode = "0755"): Step => ["folder", mode, path];
const copy = (mode: string, from: string, to: string): Step => ["copy", mode, from, to];
const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
