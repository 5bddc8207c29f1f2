import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseLook } from "../../src/engines/local/host/sandbox-look.ts";
import { parseExit } from "./exit-record.ts";
import { NativePlace } from "./native-place.ts";
import { SandboxHost, whyNoSandbox } from "./sandbox-host.ts";

const missing = whyNoSandbox();
if (missing !== null) console.log(`SKIPPED: the hand-over to pid 1, because ${missing}`);
const host = missing === null ? await SandboxHost.open() : null;
afterAll(() => host?.[Symbol.asyncDispose]());

function open(): SandboxHost {
  if (!host) throw new Error("skipped");
  return host;
}

const job = {
  argv: ["/bin/sh", "-c", "echo $0 $1 $NAME; pwd; cat; exit 3", "zero", "one"],
  env: ["NAME=value"],
};
const started = (place: NativePlace): string => place.read("started").toString();

describe.skipIf(host === null)("a prepared place", () => {
  it.each([
    ["warm", "r"],
    ["cold", "w"],
  ])("that is %s runs its job, once, and tells how it ended", async (kind, ready) => {
    const place = new NativePlace(open());
    if (kind === "warm") place.send("warm\n");
    expect(await place.hears(ready)).toBe(true);
    expect(started(place)).toBe("");
    place.give({ ...job, cwd: "/tmp", stdin: "from stdin\n" });
    const { init, shim } = await place.ended();
    expect(place.heard).toBe("wrse");
    expect(init).toMatchObject({ hasJob: true, kind: "exited", code: 3, flags: 2 });
    expect(shim).toMatchObject({ isWritten: true, kind: 1, flags: 0, status: 3 << 8, stored: [31, 0] });
    expect(place.read("out").toString()).toBe("zero one value\n/tmp\nfrom stdin\n");
    expect(started(place)).toBe(`${place.name.replace("place.", "job-")}\n`);
    expect(init.endedMs).toBeGreaterThanOrEqual(init.startedMs);
    expect(Math.abs(init.endedMs - Date.now())).toBeLessThan(60_000);
    expect(readdirSync(join(open().view, "state"))).not.toContain(place.name);
  });

  it("tells how its job ended, with all of its output, before the kernel has taken the sandbox down", async () => {
    const place = new NativePlace(open());
    await place.hears("w");
    place.give({ argv: ["/bin/sh", "-c", "sleep 1000 & echo out; echo err >&2; exit 5"], env: [] });
    expect(await place.hears("e")).toBe(true);
    expect(parseExit(place.read("exit")).init).toMatchObject({
      kind: "exited",
      code: 5,
      flags: 2,
      dropped: [0, 0],
    });
    expect([place.read("out").toString(), place.read("err").toString()]).toEqual(["out\n", "err\n"]);
    await place.ended();
  });

  it("tells nothing of that kind when its pid 1 was killed", async () => {
    const place = new NativePlace(open());
    await place.hears("w");
    place.give({ argv: ["/bin/sh", "-c", "echo out; sleep 1000"], env: [] });
    await place.shows("out");
    process.kill(place.pid, "SIGKILL");
    expect(await place.hears("e")).toBe(false);
  });

  it.each([
    { kills: 0, used: [123456, 7, 9, 2, 40960] },
    // Then the server looks closer.
    { kills: 1, used: null },
  ])("notes what its groups have counted, where memory killed $kills", async ({ kills, used }) => {
    const place = new NativePlace(open(), {
      group: {
        "cgroup.procs": "",
        "cpu.stat": "user_usec 1\nusage_usec 123456\n",
        "pids.peak": "7\n",
        "pids.max": "9\n",
        "pids.events": "max 2\n",
        "memory.peak": "40960\n",
        "memory.events": `oom 0\noom_kill ${kills}\n`,
      },
    });
    await place.hears("w");
    place.give(job);
    expect(await place.hears("e")).toBe(true);
    expect(parseExit(place.read("exit")).used).toEqual(used);
    await place.ended();
  });

  it("ends by itself when its pid 1 is stopped before a job has come", async () => {
    const place = new NativePlace(open());
    place.send("warm\n");
    await place.hears("r");
    process.kill(place.pid, "SIGSTOP");
    const { init, shim } = await place.ended();
    expect(shim).toMatchObject({ isWritten: true, kind: 3, step: 17 });
    expect([init.hasJob, started(place)]).toEqual([false, ""]);
  });

  it("shows what the kernel says of its sandbox", async () => {
    const place = new NativePlace(open());
    place.send("warm\n");
    await place.hears("r");
    const look = parseLook(place.read("seen").toString());
    expect(look?.get("map")).toBe("0 1870000128 65536");
    expect(look?.get("pid")).toMatch(/^pid:\[\d+\]$/);
    expect(look?.get("CapBnd:")).toBe("0000000000000000");
    place.letGo();
    await place.ended();
  });

  it("stands when the runtime has ended, so that pid 1 alone counts in its groups", async () => {
    for (let n = 0; n < 10; n += 1) {
      const place = new NativePlace(open());
      place.send("warm\n");
      await place.hears("r");
      const status = readFileSync(`/proc/${place.pid}/status`, "utf8");
      const shim = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
      expect(readFileSync(`/proc/${shim}/cmdline`, "utf8").split("\0").slice(1, 3)).toEqual([
        "shim",
        place.name,
      ]);
      expect(readFileSync(`/proc/${shim}/task/${shim}/children`, "utf8").trim()).toBe(String(place.pid));
      place.letGo();
      await place.ended();
    }
  });

  it.each(["", "warm\n"])(
    "ends when its server does, after %j, and takes its sandbox with it",
    async (line) => {
      const place = new NativePlace(open());
      await place.hears("w");
      if (line !== "") place.send(line);
      if (line !== "") await place.hears("r");
      place.letGo();
      const { init, shim } = await place.ended();
      expect([init.hasJob, shim.kind, started(place)]).toEqual([false, 4, ""]);
      expect(existsSync(join(open().view, "state", place.name))).toBe(false);
    },
  );

  it("goes on when its server ends after the hand-over", async () => {
    const place = new NativePlace(open());
    await place.hears("w");
    place.give({ argv: ["/bin/sh", "-c", "sleep 0.2; echo after"] });
    await place.hears("s");
    place.letGo();
    expect((await place.ended()).init).toMatchObject({ kind: "exited", code: 0 });
    expect(place.read("out").toString()).toBe("after\n");
  });

  it("passes TERM on to the main process", async () => {
    const place = new NativePlace(open());
    place.send("warm\n");
    await place.hears("r");
    place.give({
      argv: ["/bin/sh", "-c", "trap 'echo got it; exit 9' TERM; echo up; while :; do sleep 0.01; done"],
    });
    await place.shows("up");
    place.send("term\n");
    expect((await place.ended()).init).toMatchObject({ kind: "exited", code: 9 });
    expect(place.read("out").toString()).toBe("up\ngot it\n");
  });
});
