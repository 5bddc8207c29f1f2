import { describe, expect, it } from "vitest";
import { bootGuest, guestIsMissing, hostIsV2 } from "../packages/server/test/support/guest.ts";

const vitest = "node_modules/vitest/vitest.mjs";
const suite = ["engine-local", "abuse-memory", "executor", "limits-effect"].map(
  (name) => `packages/server/test/${name}.test.ts`,
);

/** The guest's root lies in memory, which counts as that of the job that writes there; this is a disk. */
const onDisk = "TMPDIR=/scratch";

const missing = guestIsMissing();
if (missing !== null) console.log(`SKIPPED: engine "local" on cgroup v2, because ${missing}`);

// On a host with cgroup v2 the suite has run there already.
describe.skipIf(missing !== null || hostIsV2())("the local engine on a host with cgroup v2", () => {
  it("holds the whole conformance suite, limits included, what they do, memory bombs, and the library", {
    timeout: 900_000,
  }, async () => {
    await using guest = await bootGuest();
    const { code, output } = await guest.exec(
      "env",
      onDisk,
      process.execPath,
      vitest,
      "run",
      "--testTimeout=120000",
      ...suite,
    );
    const counts = /(\d+) passed, (\d+) failed, (\d+) skipped/.exec(output)?.slice(1).map(Number);
    expect(output).not.toContain("SKIPPED");
    expect({ code, failed: counts?.[1], skipped: counts?.[2] }).toEqual({ code: 0, failed: 0, skipped: 0 });
    expect(counts?.[0]).toBeGreaterThan(120);
  });
});
