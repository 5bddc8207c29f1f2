import { existsSync } from "node:fs";
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

  it("find nothing in a place that is not wanted any more", async () => {
    if (!host) throw new Error("skipped");
    const place = new NativePlace(host);
    await place.hears("w");
    place.letGo();
    expect((await place.ended()).shim.kind).toBe(4);
  });
});
