import { existsSync, globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { whyNoLabKernel } from "../../packages/server/test/support/lab-kernel.ts";

/** Tests that may be skipped, and on which hosts. Every other test that is skipped in a whole run makes it fail. */
export interface AllowedSkip {
  /** The test file, from the root of the repository; a part of its path. */
  file: string;
  /** What the full title holds; all tests of the file without it. */
  title?: RegExp;
  /** What the host lacks, and why nobody can be asked to give it. */
  because: string;
  /** Whether this host lacks it. */
  holds: (host: Host) => boolean;
}

export interface Host {
  /** It has the one hierarchy of control groups, of version 2, with its controllers. */
  isV2: boolean;
  /** `BERTH_TEST_VM` names a command that boots a host which is. */
  hasGuest: boolean;
  arch: string;
  has: (path: string) => boolean;
  /** Its kernel lets this process have itself spared when memory runs out. */
  maySpare: boolean;
  /** Its kernel has IPv6 and takes tables of the family inet, as networks of tests need. */
  mayPlay: boolean;
}

const root = resolve(import.meta.dirname, "../..");
const CAP_SYS_RESOURCE = 1n << 24n;

function maySpare(): boolean {
  const effective = /^CapEff:\s+([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return (BigInt(`0x${effective}`) & CAP_SYS_RESOURCE) !== 0n;
}

export const thisHost: Host = {
  isV2: existsSync("/sys/fs/cgroup/cgroup.controllers"),
  hasGuest: process.env["BERTH_TEST_VM"] !== undefined,
  arch: process.arch,
  has: existsSync,
  maySpare: maySpare(),
  mayPlay: whyNoLabKernel() === null,
};

const noV2 = {
  because: "this host has no cgroup v2; e2e/engine-local-v2.test.ts runs it where BERTH_TEST_VM boots one",
  holds: (host: Host) => !host.isV2,
};
const noGuest = {
  because: "this host has no cgroup v2, and BERTH_TEST_VM names no command that boots one",
  holds: (host: Host) => !host.isV2 && !host.hasGuest,
};
const otherProcessor = {
  because: "it is about the system calls of x64",
  holds: (host: Host) => host.arch !== "x64",
};
const noLab = {
  because: "this host's kernel has no IPv6, or takes no tables of the family inet",
  holds: (host: Host) => !host.mayPlay,
};

const noPostgres = {
  because: "this host has no PostgreSQL 15, which scripts/install-host test installs where it runs as root",
  holds: (host: Host) => !host.has("/usr/lib/postgresql/15/bin/initdb"),
};

const noSlapd = {
  because: "this host has no slapd, which scripts/install-host test installs where it runs as root",
  holds: (host: Host) => !host.has("/usr/sbin/slapd"),
};

const noSshd = {
  because: "this host has no sshd, which scripts/install-host test installs where it runs as root",
  holds: (host: Host) => !host.has("/usr/sbin/sshd"),
};

/** The guides want several programs of the host's, each for one of its tests. */
const GUIDES = "e2e/guides.test.ts";

/** Test files that ask so whether the host has a program, and leave out what needs it. */
function filesThatAsk(question: string): string[] {
  const files = globSync(["packages/*/test/**/*.test.ts", "e2e/*.test.ts"], { cwd: root });
  return files.filter((file) => file !== GUIDES && readFileSync(join(root, file), "utf8").includes(question));
}

export const allowedSkips: readonly AllowedSkip[] = [
  ...filesThatAsk("postgresIsMissing()").map((file) => ({ file, ...noPostgres })),
  ...filesThatAsk("slapdIsMissing()").map((file) => ({ file, ...noSlapd })),
  ...filesThatAsk("sshdIsMissing()").map((file) => ({ file, ...noSshd })),
  { file: "server/test/engine-local.test.ts", title: /memory/, ...noV2 },
  { file: "server/test/local/smallest-limits.test.ts", title: /memory/, ...noV2 },
  { file: "server/test/engine-local-warm.test.ts", title: /memory/, ...noV2 },
  { file: "server/test/output-at-the-end.test.ts", title: /memory runs out/, ...noV2 },
  { file: "server/test/abuse-memory.test.ts", title: /^the memory of a job >/, ...noV2 },
  { file: "server/test/executor.test.ts", title: /more memory than the default/, ...noV2 },
  { file: "server/test/limits-effect.test.ts", title: /> (C17|C18: on I.O|holds for their memory)/, ...noV2 },
  { file: "e2e/engine-local-v2.test.ts", ...noGuest },
  {
    file: "e2e/host-restart.test.ts",
    because: "BERTH_TEST_VM names no command that boots a host which may be restarted",
    holds: (host) => !host.hasGuest,
  },
  {
    file: "e2e/engine-local-v2.test.ts",
    because: "this host is one, and has run it",
    holds: (host) => host.isV2,
  },
  { file: "server/test/networks/", ...noLab },
  { file: "server/test/native/network.test.ts", ...noLab },
  { file: "e2e/networks.test.ts", ...noLab },
  { file: GUIDES, title: /postgresql\.md/, ...noPostgres },
  { file: GUIDES, title: /ldap\.md/, ...noSlapd },
  {
    file: "server/test/login/browser.test.ts",
    because: "this host has no Chromium, which scripts/install-host test installs where it runs as root",
    holds: ({ has }) => !has("/usr/bin/chromium"),
  },
  { file: "server/test/local/isolation.test.ts", title: /ABUSE 17/, ...otherProcessor },
  {
    file: "server/test/abuse-pids.test.ts",
    because: "this kernel lets nobody choose the next number of a process",
    holds: ({ has }) => !has("/proc/sys/kernel/ns_last_pid"),
  },
  {
    file: "server/test/disk-quota.test.ts",
    because:
      "the folder for temporary files is not mounted with project quotas; e2e/engine-local-v2.test.ts runs it",
    holds: () => true,
  },
  {
    file: "server/test/data-folder-quota.test.ts",
    because:
      "the folder for temporary files is not XFS with project quotas; e2e/engine-local-v2.test.ts runs it",
    holds: () => true,
  },
  {
    file: "e2e/engine-local-v2.test.ts",
    title: /quota of XFS/,
    because: "this host cannot make an XFS (xfsprogs)",
    holds: ({ has }) => !has("/usr/sbin/mkfs.xfs"),
  },
  {
    file: "server/test/dump-program.test.ts",
    because: "the core_pattern of a whole kernel is not a test's to set; e2e/engine-local-v2.test.ts runs it",
    holds: () => true,
  },
  {
    file: "server/test/oom-score.test.ts",
    because:
      "no process here may be spared (CAP_SYS_RESOURCE); e2e/engine-local-v2.test.ts runs it where one may",
    holds: (host) => !host.maySpare,
  },
  { file: "server/test/local/seccomp.test.ts", ...otherProcessor },
  {
    file: "server/test/local/mounts.test.ts",
    title: /host's keys/,
    because: "this host keeps no keys where others do",
    holds: ({ has }) => !has("/etc/ssl/private"),
  },
  {
    file: "scripts/install-service.test.ts",
    title: /systemd understands/,
    because: "this host has no systemd to ask",
    holds: ({ has }) => !has("/usr/bin/systemd-analyze"),
  },
  {
    file: "engines/local/work/untouched-folders.test.ts",
    because: "changes of files share one time on this file system",
    holds: () => true,
  },
  {
    file: "e2e/failing-disk.test.ts",
    because: "this host gives no loop device",
    holds: ({ has }) => !has("/dev/loop-control"),
  },
  {
    file: "server/test/local/stuck-trees.test.ts",
    because: "this host has no freezer of version 1, which alone holds a process against KILL",
    holds: ({ has }) => !has("/sys/fs/cgroup/freezer"),
  },
  {
    file: "server/test/local/stuck-heirs.test.ts",
    because: "this host has no freezer of version 1, which alone holds a process against KILL",
    holds: ({ has }) => !has("/sys/fs/cgroup/freezer"),
  },
];
