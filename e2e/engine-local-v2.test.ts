import { describe, expect, it } from "vitest";
import { bootGuest, guestIsMissing, hostIsV2 } from "../packages/server/test/support/guest.ts";

const vitest = "node_modules/vitest/vitest.mjs";
const suite = "packages/server/test/engine-local.test.ts";

const missing = guestIsMissing();
if (missing !== null)
  console.log(`SKIPPED: the conformance suite of engine "local" on cgroup v2, because ${missing}`);

// On a host with cgroup v2 the suite has run there already.
describe.skipIf(missing !== null || hostIsV2())("the local engine on a host with cgroup v2", () => {
  it("holds the whole conformance suite, limits included", { timeout: 600_000 }, async () => {
    await using guest = await bootGuest();
    const { code, output } = await guest.exec(process.execPath, vitest, "run", "--testTimeout=120000", suite);
    const counts = /(\d+) passed, (\d+) failed, (\d+) skipped/.exec(output)?.slice(1).map(Number);
    expect(output).not.toContain("SKIPPED");
    expect({ code, failed: counts?.[1], skipped: counts?.[2] }).toEqual({ code: 0, failed: 0, skipped: 0 });
    expect(counts?.[0]).toBeGreaterThan(80);
  });
});
