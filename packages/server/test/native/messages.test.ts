import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "../support/temp-folder.ts";
import { launchMessage } from "./launch-message.ts";
import { NativePlace } from "./native-place.ts";
import { SandboxHost, whyNoSandbox } from "./sandbox-host.ts";

const missing = whyNoSandbox();
if (missing !== null) console.log(`SKIPPED: messages that are none, because ${missing}`);
const host = missing === null ? await SandboxHost.open() : null;
afterAll(() => host?.[Symbol.asyncDispose](), 60_000);

const source = join(import.meta.dirname, "../../native/src");
const hasSanitizers = existsSync("/usr/bin/gcc");
if (!hasSanitizers) console.log("SKIPPED: messages under sanitizers, because there is no gcc");

const limits = [{ resource: 1, soft: 4096, hard: 4096 }];
const good = launchMessage({ argv: ["/usr/bin/printf", "%s", "went"], env: ["A=1", "B="], limits });
const line = "job\tid-1\t/data/out\t/data/err\t/data/index\t100000\tdiscard\t0";

/** With one number of it changed. */
function withNumber(at: number, value: number): Buffer {
  const changed = Buffer.from(good);
  changed.writeUInt32LE(value >>> 0, at);
  return changed;
}

describe.skipIf(!hasSanitizers)(
  "what pid 1 and the shim read, under sanitizers,",
  { timeout: 120_000 },
  () => {
    const folder = tempFolder();
    const driver = join(folder.path, "driver");
    afterAll(() => folder[Symbol.asyncDispose]());

    beforeAll(() => {
      const checks = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-w"];
      const sources = [
        join(import.meta.dirname, "fuzz-driver.c"),
        join(source, "launch.c"),
        join(source, "job-line.c"),
      ];
      execFileSync("/usr/bin/gcc", [...checks, "-I", source, "-o", driver, ...sources]);
    });

    it.each([
      ["launch", good],
      ["line", line],
    ])("stays within its bounds and takes only what is whole: %s", (kind, input) => {
      for (const seed of [1, 2, 3]) {
        const taken = Number(execFileSync(driver, [kind, "300000", String(seed)], { input }));
        // Some of them are not changed at all, or only where anything goes.
        expect(taken).toBeGreaterThan(1000);
        expect(taken).toBeLessThan(290_000);
      }
    });
  },
);

describe.skipIf(host === null)("a message that is none", { timeout: 60_000 }, () => {
  const EPROTO = 71;
  const PART_MESSAGE = 7;

  it.each([
    ["is empty", Buffer.alloc(0)],
    ["is shorter than its head", good.subarray(0, 20)],
    ["is cut short", good.subarray(0, -1)],
    ["is too long", Buffer.concat([good, Buffer.alloc(1)])],
    ["is of another kind", withNumber(0, 0x32_4e_4c_42)],
    ["says another length", withNumber(4, good.length + 1)],
    ["has no argument", withNumber(8, 0)],
    ["has one argument more than there are", withNumber(8, 6)],
    ["has arguments by the billion", withNumber(8, 0xffff_ffff)],
    ["has variables by the billion", withNumber(12, 0xffff_ffff)],
    ["has arguments and variables that come to nothing together", withNumber(12, 0x8000_0000)],
    ["has limits by the billion", withNumber(16, 0xffff_ffff)],
    ["has one limit too many", withNumber(16, 17)],
    ["has a limit where strings are", withNumber(16, 2)],
    ["has a reserved number", withNumber(20, 1)],
    ["does not end its last string", Buffer.concat([good.subarray(0, -1), Buffer.from("x")])],
    ["is larger than any", Buffer.alloc(16 * 2 ** 20 + 1, "BLN1")],
  ])("executes nothing: it %s", async (_what, message) => {
    if (!host) throw new Error("skipped");
    const place = new NativePlace(host);
    await place.hears("w");
    place.give({ message });
    const { init } = await place.ended();
    expect(init).toMatchObject({ kind: "failed", part: PART_MESSAGE, errno: EPROTO });
    expect(place.read("out").length).toBe(0);
  });

  it("is not the one that the others are made of", async () => {
    if (!host) throw new Error("skipped");
    const place = new NativePlace(host);
    await place.hears("w");
    place.give({ message: good });
    expect((await place.ended()).init).toMatchObject({ kind: "exited", code: 0 });
    expect(place.read("out").toString()).toBe("went");
  });

  it("executes the largest one that the kernel takes", async () => {
    if (!host) throw new Error("skipped");
    const place = new NativePlace(host);
    await place.hears("w");
    const words = Array<string>(20_000).fill("x".repeat(50));
    place.give({ argv: ["/bin/sh", "-c", "echo $#", "sh", ...words] });
    await place.ended();
    expect(place.read("out").toString()).toBe("20000\n");
  });

  it.each([
    ["no verb", "\n"],
    ["another verb", "jump\n"],
    ["too few fields", "job\tid\t/o\t/e\t/i\t-\tstop\n"],
    ["too many fields", "job\tid\t/o\t/e\t/i\t-\tstop\t0\t0\n"],
    ["an id that leads elsewhere", "job\t../x\t/o\t/e\t/i\t-\tstop\t0\n"],
    ["a path that is none", "job\tid\to\t/e\t/i\t-\tstop\t0\n"],
    ["a limit that is none", "job\tid\t/o\t/e\t/i\t12x\tstop\t0\n"],
    ["a limit too large", "job\tid\t/o\t/e\t/i\t99999999999999999999\tstop\t0\n"],
    ["no such mode", "job\tid\t/o\t/e\t/i\t-\tstay\t0\n"],
    ["no end", "j".repeat(4096)],
  ])("ends its place: a line with %s", async (_what, text) => {
    if (!host) throw new Error("skipped");
    const place = new NativePlace(host);
    await place.hears("w");
    place.send("warm\n");
    await place.hears("r");
    place.send(text);
    const { init, shim } = await place.ended();
    expect([init.hasJob, shim.kind, place.read("started").length]).toEqual([false, 3, 0]);
  });
});
