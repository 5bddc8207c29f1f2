import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inGuestInPart, wholeInGuest } from "../scripts/tests/guest-tests.ts";
import { bootGuest, type Guest, guestIsMissing, hostIsV2 } from "../packages/server/test/support/guest.ts";

const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config=scripts/tests/vitest.config.ts"];
const tests = "packages/server/test";

/**
 * The guest's kernel is a program itself: each fork and each file takes it some times longer, and 10,000 of them minutes. Left
 * out is what the host has shown with the same program and this kernel has no part in: how many ends pid 1 can tell apart, how
 * folders are measured and walked through however they are filled, what a place was before, and an engine that is
 * opened twice more. What is like it in kind is shown here.
 */
const LEFT_OUT = [
  "5,000 zombies",
  "every exit code from",
  "every signal that ends",
  "12,000 empty files",
  "folders 4,000 deep",
  "many files that add up",
  "many small files at the end",
  "names of one file without end",
  "an earlier job left at it",
  "also under another server",
  // A fork bomb meets its limit in the rows of ABUSE 1.
  "C19: on processes",
];
const shownHere = `^(?!.*(${LEFT_OUT.join("|")}))`;

const whereMemoryIsLimited =
  "more memory than the default|memory runs out|below the memory limit|is cut at the limit to the byte";

/** The guest's root lies in memory, which counts as that of the job that writes there; this is a disk. */
const disk = "/scratch";

const missing = guestIsMissing();
if (missing !== null) console.log(`SKIPPED: engine "local" on cgroup v2, because ${missing}`);

/** Runs test files in the guest, with their folders below `at`; none may fail. `only` leaves the others out as skipped. */
async function runIn(
  guest: Guest,
  files: readonly string[],
  options: { at: string; only?: string; env?: Readonly<Record<string, string>> },
) {
  const { at, only, env = {} } = options;
  const checkout = process.env["BERTH_TEST_CHECKOUT"] ?? "";
  const ofGuests = {
    BERTH_TEST_PATIENCE: "5",
    BERTH_TEST_SECOND_TRIES: "1",
    BERTH_TEST_CHECKOUT: checkout,
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
  };
  const settings = { ...ofGuests, ...env, TMPDIR: at };
  const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const paths = files.map((path) => `bundle/${path}.test.js`);
  const args = ["--configLoader=native", ...(only === undefined ? [] : ["-t", only]), ...paths];
  const { code, output } = await guest.exec("env", ...variables, process.execPath, ...vitest, ...args);
  const counts = /(\d+) passed, (\d+) failed, (\d+) skipped/.exec(output)?.slice(1).map(Number) ?? [];
  const [passed = 0, failed, skipped] = counts;
  expect(output).not.toContain("SKIPPED");
  expect({ code, failed }).toEqual({ code: 0, failed: 0 });
  return { passed, skipped };
}

// On a host with cgroup v2 the suite has run there already. One guest for all that take it as it is.
describe.skipIf(missing !== null || hostIsV2())("the local engine on a host with cgroup v2", () => {
  let common: Guest;
  beforeAll(async () => {
    common = await bootGuest();
  });
  afterAll(() => common[Symbol.asyncDispose]());

  it("holds the whole conformance suite, what limits do, memory bombs, and ABUSE 1 to 6, 9, 17 to 20, 35", {
    timeout: 1_500_000,
  }, async () => {
    const { passed } = await runIn(common, wholeInGuest, { at: disk, only: shownHere });
    expect(passed).toBeGreaterThan(240);
  });

  it("limits the memory of what the library runs and of sandboxes that waited, and keeps output to the last byte then", {
    timeout: 900_000,
  }, async () => {
    expect(await runIn(common, inGuestInPart, { at: disk, only: whereMemoryIsLimited })).toMatchObject({
      passed: 8,
    });
  });

  describe("and whose disk is made anew", () => {
    let other: Guest;
    beforeAll(async () => {
      other = await bootGuest();
    });
    afterAll(() => other[Symbol.asyncDispose]());

    it.skipIf(!existsSync("/usr/sbin/mkfs.xfs"))(
      "ABUSE 13: serves from a data folder with a quota of XFS of the operator's own, also when that is used up",
      { timeout: 900_000 },
      async () => {
        const made = await other.exec("sh", "e2e/support/quota-disk.sh", disk, "xfs");
        expect(made.code).toBe(0);
        expect(await runIn(other, [`${tests}/data-folder-quota`], { at: disk })).toMatchObject({
          passed: 2,
          skipped: 0,
        });
      },
    );

    it("bounds the disk of jobs by project quotas, where the disk is mounted with them", {
      timeout: 900_000,
    }, async () => {
      const made = await other.exec("sh", "e2e/support/quota-disk.sh", disk, "ext4");
      expect(made.code).toBe(0);
      expect(await runIn(other, [`${tests}/disk-quota`], { at: disk })).toMatchObject({
        passed: 7,
        skipped: 0,
      });
    });

    it("C18: holds I/O rates also where a job's files lie on a volume over a partition", {
      timeout: 900_000,
    }, async () => {
      const made = await other.exec("sh", "e2e/support/stack-disks.sh", disk, "/mnt/mapped");
      expect(made.code).toBe(0);
      const at = "/mnt/mapped";
      expect(await runIn(other, [`${tests}/limits-effect`], { at, only: "job write" })).toMatchObject({
        passed: 1,
      });
    });
  });

  it("ABUSE 18: starts no program of the host's for a job that crashes", { timeout: 900_000 }, async () => {
    const dumped = `${disk}/dumped`;
    const made = await common.exec("sh", "e2e/support/dump-program.sh", dumped);
    expect(made.code).toBe(0);
    const env = { BERTH_TEST_DUMPED: dumped };
    expect(await runIn(common, [`${tests}/dump-program`], { at: disk, env })).toMatchObject({
      passed: 3,
      skipped: 0,
    });
  });
});
