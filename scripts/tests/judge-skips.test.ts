import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { allowedSkips, type Host } from "./allowed-skips.ts";
import { judgeSkips } from "./judge-skips.ts";

const hybrid: Host = {
  isV2: false,
  hasGuest: true,
  arch: "x64",
  has: () => true,
  maySpare: true,
  mayPlay: true,
};
const bombs = { file: "packages/server/test/abuse-memory.test.ts", title: "the memory of a job > grows" };
const inGuest = {
  file: "e2e/engine-local-v2.test.ts",
  title: "the local engine on a host with cgroup v2 > holds",
};

describe("a skipped test", () => {
  it("that this host cannot run is said, with the reason", () => {
    const { allowed, refused } = judgeSkips([bombs, bombs], { host: hybrid });
    expect(allowed).toEqual([
      expect.stringMatching(/^SKIPPED: 2 tests of .*abuse-memory.*, because .*cgroup v2/),
    ]);
    expect(refused).toEqual([]);
  });

  it("that this host could have run is refused", () => {
    expect(judgeSkips([bombs], { host: { ...hybrid, isV2: true } }).refused).toEqual([
      "NOT RUN: 1 test of packages/server/test/abuse-memory.test.ts",
    ]);
  });

  it("for want of a second kernel is refused where one can be booted, and only there", () => {
    expect(judgeSkips([inGuest], { host: hybrid }).refused).toHaveLength(1);
    expect(judgeSkips([inGuest], { host: { ...hybrid, hasGuest: false } }).refused).toEqual([]);
  });

  it("for want of networks in the kernel is refused where the kernel has them, and only there", () => {
    const lab = {
      file: "packages/server/test/networks/jobs.test.ts",
      title: "a job with a network > reaches",
    };
    expect(judgeSkips([lab], { host: hybrid }).refused).toHaveLength(1);
    expect(judgeSkips([lab], { host: { ...hybrid, mayPlay: false } }).refused).toEqual([]);
  });

  it("that nobody has listed is refused, as all are that need root or a runtime", () => {
    const rootless = { file: "e2e/survival.test.ts", title: "on the local engine > ABUSE 24" };
    expect(judgeSkips([rootless], { host: hybrid }).refused).toEqual([
      "NOT RUN: 1 test of e2e/survival.test.ts",
    ]);
  });

  it("of a file with listed ones is refused where its own title is not listed", () => {
    const other = { file: bombs.file, title: "the memory of a job on any host > is freed" };
    expect(judgeSkips([other], { host: hybrid }).refused).toHaveLength(1);
  });
});

it.each([
  [
    "packages/server/test/store-claims.test.ts",
    "a job's claim in PostgreSQL > is",
    "postgresql/15/bin/initdb",
  ],
  [
    "packages/server/test/audit.test.ts",
    "the audit chain on postgres > is verified",
    "postgresql/15/bin/initdb",
  ],
  ["e2e/guides.test.ts", "the guides > docs/guides/postgresql.md: every block", "postgresql/15/bin/initdb"],
  ["packages/server/test/login/ldap.test.ts", "a directory > knows a person", "/usr/sbin/slapd"],
  ["packages/server/test/login/far-logins.test.ts", "logins by a directory > are", "/usr/sbin/slapd"],
  ["e2e/guides.test.ts", "the guides > docs/guides/ldap.md: every block", "/usr/sbin/slapd"],
  ["packages/server/test/clone-ssh.test.ts", "a task whose code comes over ssh > is", "/usr/sbin/sshd"],
])("of %s, %s: is allowed where a host has no %s, and only there", (file, title, program) => {
  const without = { ...hybrid, has: (path: string) => !path.endsWith(program) };
  expect(judgeSkips([{ file, title }], { host: without }).refused).toEqual([]);
  expect(judgeSkips([{ file, title }], { host: hybrid }).refused).toHaveLength(1);
});

it("lists no file that is not there", () => {
  const root = new URL("../../", import.meta.url).pathname;
  const places = ["", "packages/", "packages/server/src/"];
  const gone = allowedSkips.filter(
    ({ file }) => !places.some((place) => existsSync(`${root}${place}${file}`)),
  );
  expect(gone).toEqual([]);
});
