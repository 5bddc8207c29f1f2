import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, afterAll, describe, expect, it } from "vitest";
import { bootGuest } from "../packages/server/test/support/guest.ts";
import { testProgram } from "../packages/server/test/support/launcher.ts";
import { type TempFolder, tempFolder } from "../packages/server/test/support/temp-folder.ts";
import { until } from "../packages/server/test/support/until.ts";
import type { Seen } from "./support/host-life.ts";

const missing =
  process.env["BERTH_TEST_VM"] === undefined
    ? "BERTH_TEST_VM names no command that boots a host to be restarted"
    : null;
if (missing !== null) console.log(`SKIPPED: a restart of the host, because ${missing}`);

/** As the tests of this host start theirs. */
const started = ["NODE_COMPILE_CACHE", "BERTH_TEST_CHECKOUT"]
  .map((name) => `${name}='${process.env[name] ?? ""}'`)
  .join(" ");

/** Boots a host on a disk, and cuts its power once it has reported. */
async function liveOnce(phase: string, share: string): Promise<unknown> {
  const report = join(share, `${phase}.json`);
  const life = testProgram(new URL("support/host-life.ts", import.meta.url));
  const begin = `
    mkdir -p /mnt/disk && { modprobe loop || :; } && mount -o loop '${share}/disk.img' /mnt/disk && chmod 711 /mnt/disk
    export BERTH_TEST_PATIENCE=5 ${started}
    exec ${life.map((word) => `'${word}'`).join(" ")} ${phase} /mnt/disk '${report}'`;
  let over: { code: number | null; output: string } | null = null;
  {
    await using guest = await bootGuest({ share });
    void guest.exec("sh", "-c", begin).then((end) => {
      over = end;
    });
    await until(() => existsSync(report) || over !== null, { what: `the ${phase} life`, timeoutMs: 900_000 });
  }
  if (!existsSync(report)) throw new Error(`The ${phase} life of the host ended early`);
  return JSON.parse(readFileSync(report, "utf8"));
}

describe.skipIf(missing !== null)("ABUSE 24: a host whose power is cut, and that is started again,", () => {
  let share: TempFolder;
  let seen: Record<string, Seen>;
  let skewed: Record<"forward" | "back", Record<string, Seen>>;

  beforeAll(async () => {
    share = tempFolder();
    const disk = join(share.path, "disk.img");
    execFileSync("truncate", ["-s", "512M", disk]);
    execFileSync("mkfs.ext4", ["-qF", disk]);
    await liveOnce("first", share.path);
    const second = (await liveOnce("second", share.path)) as { seen: typeof seen } & typeof skewed;
    seen = second.seen;
    skewed = second;
  }, 2_000_000);
  afterAll(() => share[Symbol.asyncDispose]());

  it("still knows how a job had ended, with its output", () => {
    expect(seen["ended"]).toMatchObject({ state: "failed", cause: "exit", output: "begin\n" });
  });

  it("has lost the job that was running, and says so", () => {
    expect(seen["running"]).toMatchObject({ state: "lost", cause: "lost", started: true });
    expect(seen["running"]?.message).toContain("restarted");
    expect(seen["running"]?.events).toEqual(["queued", "preparing", "running", "lost"]);
  });

  it("does not start the job again whose start was not recorded, though the next server died early", () => {
    expect(seen["begun"]).toMatchObject({ state: "lost", cause: "lost" });
    expect(["", "begin\n"]).toContain(seen["begun"]?.output);
  });

  it.each(["queued", "new 0", "new 1", "new 2"])("runs the job that was %s once", (name) => {
    expect(seen[name]).toMatchObject({ state: "failed", cause: "exit", output: "begin\n" });
    expect(seen[name]?.events).toEqual(["queued", "preparing", "running", "failed"]);
  });

  // By the clock of the host itself, and the server is started again after it was set.
  it.each(["forward", "back"] as const)(
    "whose clock is set %s by ten minutes keeps its jobs to their own time",
    (way) => {
      expect(skewed[way]["patient"]).toMatchObject({ cause: "exit", output: "begin\n" });
      expect(skewed[way]["patient"]?.events).toEqual(["queued", "preparing", "running", "failed"]);
      expect(skewed[way]["late"]).toMatchObject({ cause: "run_timeout", output: "begin\n" });
      const events = ["queued", "preparing", "running", "stopping", "failed"];
      expect(skewed[way]["late"]?.events).toEqual(events);
    },
  );
});
