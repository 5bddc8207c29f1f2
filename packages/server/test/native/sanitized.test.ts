import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { NativePlace, type PlaceJob } from "./native-place.ts";
import { endOf } from "./read-index.ts";
import { buildSanitized, SandboxHost, whyNoSandbox } from "./sandbox-host.ts";

const missing = whyNoSandbox() ?? (existsSync("/usr/bin/gcc") ? null : "there is no gcc");
if (missing !== null) console.log(`SKIPPED: pid 1 and the shim under sanitizers, because ${missing}`);
const host = missing === null ? await SandboxHost.open(buildSanitized) : null;
afterAll(() => host?.[Symbol.asyncDispose]());

async function given(job: PlaceJob): Promise<NativePlace> {
  if (!host) throw new Error("skipped");
  const place = new NativePlace(host);
  place.send("warm\n");
  await place.hears("r");
  place.give(job);
  return place;
}

const sh = (script: string): PlaceJob => ({ argv: ["/bin/sh", "-c", script] });

// Where a sanitizer finds something, pid 1 or the shim is ended by ABRT, and none of this comes.
describe.skipIf(host === null)("pid 1 and the shim under sanitizers", () => {
  it.each([
    ["exits", sh("echo out; echo err >&2; exit 9"), { kind: "exited", code: 9 }],
    ["is ended by a signal", sh("kill -11 $$"), { kind: "signaled", code: 11 }],
    ["leaves others behind", sh("(setsid sleep 100 &) & sleep 100 & exit 1"), { kind: "exited", code: 1 }],
    [
      "goes over its limit",
      { ...sh("yes; exit 1"), limit: 100_000, mode: "stop" },
      { kind: "signaled", code: 9 },
    ],
    ["is discarded in part", { ...sh("seq 100000"), limit: 1000 }, { kind: "exited", code: 0 }],
    ["is missing", { argv: ["/none"] }, { kind: "failed", part: 1 }],
    ["is a message that is none", { message: Buffer.from("BLN1") }, { kind: "failed", part: 7 }],
    [
      "has many arguments",
      { argv: ["/usr/bin/true", ...Array<string>(20_000).fill("word")] },
      { kind: "exited" },
    ],
    ["writes much and little", sh("head -c 3000000 /dev/zero; seq 20000 >&2"), { kind: "exited", code: 0 }],
  ] satisfies [string, PlaceJob, object][])("find nothing in a job that %s", async (_what, job, end) => {
    const place = await given(job);
    const { init, shim } = await place.ended();
    expect(init).toMatchObject(end);
    expect([shim.isWritten, shim.kind]).toEqual([true, 1]);
    expect(endOf(place.read("index"))).toEqual(shim.stored);
  });

  it("find nothing when a job is killed, and asked to end", async () => {
    const killed = await given(sh("yes"));
    await killed.shows("y");
    process.kill(killed.pid, "SIGKILL");
    expect((await killed.ended()).shim.status).toBe(9);
    const asked = await given(sh("echo up; sleep 100"));
    await asked.shows("up");
    asked.send("term\n");
    expect((await asked.ended()).init).toMatchObject({ kind: "signaled", code: 15 });
  });

  it("find nothing in a job that lies over a tree, or whose tree is none", async () => {
    if (!host) throw new Error("skipped");
    const folders = ["lower", "upper", "work"].map((name) => join(host.folder.path, name));
    for (const folder of folders) mkdirSync(folder);
    const probe = spawnSync(host.program, ["overlay", ...folders]);
    if (probe.status === 22)
      return console.log("SKIPPED: trees under sanitizers, because the disk is itself an overlay");
    expect(probe.status).toBe(0);
    rmSync(join(host.folder.path, "work"), { recursive: true });
    mkdirSync(join(host.folder.path, "work"));
    writeFileSync(join(host.folder.path, "lower/file"), "of the tree");
    const place = new NativePlace(host);
    place.send(`warm\noverlay\t${folders.join("\t")}\n`);
    await place.hears("r");
    place.give({ ...sh("cat /work/file; grep -c ' /work .*overlay' /proc/self/mountinfo"), cwd: "/work" });
    expect((await place.ended()).init).toMatchObject({ kind: "exited", code: 0 });
    expect(place.read("out").toString()).toBe("of the tree1\n");
    for (const [why, line] of [
      ["a folder is not there", `overlay\t${folders.join("\t")}/none\n`],
      ["a word is missing", "overlay\t/a\t/b\n"],
    ]) {
      const none = new NativePlace(host);
      none.send("warm\n");
      await none.hears("r");
      none.send(line ?? "");
      if (line?.includes("none")) none.give(sh("echo ran"));
      const { init, shim } = await none.ended();
      expect([why, init.hasJob, shim.kind]).toEqual([why, false, 3]);
    }
  });

  it("find nothing in a place that is not wanted any more", async () => {
    if (!host) throw new Error("skipped");
    const place = new NativePlace(host);
    await place.hears("w");
    place.letGo();
    expect((await place.ended()).shim.kind).toBe(4);
  });
});
