import { existsSync, globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { allowedSkips, type Host } from "./allowed-skips.ts";
import { judgeSkips } from "./judge-skips.ts";

const root = new URL("../../", import.meta.url).pathname;
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
  ["postgresIsMissing()", "/usr/lib/postgresql/15/bin/initdb"],
  ["slapdIsMissing()", "/usr/sbin/slapd"],
])("lists every file that leaves tests out by what %s says, where a host has no %s", (asks, program) => {
  const host: Host = { ...hybrid, has: (path) => path !== program };
  const listed = allowedSkips.filter(({ holds }) => holds(host) && !holds(hybrid)).map(({ file }) => file);
  const files = globSync(["packages/*/test/**/*.test.ts", "e2e/*.test.ts"], { cwd: root });
  const asking = files.filter((file) => readFileSync(`${root}${file}`, "utf8").includes(asks));
  expect(asking.length).toBeGreaterThan(2);
  expect(asking.filter((file) => !listed.some((one) => file.includes(one)))).toEqual([]);
});

it("lists no file that is not there", () => {
  const places = ["", "packages/", "packages/server/src/"];
  const gone = allowedSkips.filter(
    ({ file }) => !places.some((place) => existsSync(`${root}${place}${file}`)),
  );
  expect(gone).toEqual([]);
});
