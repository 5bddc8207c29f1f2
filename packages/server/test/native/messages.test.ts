import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ociConfig } from "../../src/engines/local/bundle/oci-config.ts";
import { encodeSecrets } from "../../src/engines/local/jobs/secret-message.ts";
import { encodeNetwork } from "../../src/engines/local/networks/place-network.ts";
import { encodeRecipe } from "../../src/engines/local/bundle/recipe.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { launchMessage } from "./launch-message.ts";
import { NativePlace } from "./native-place.ts";
import { SandboxHost, whyNoSandbox } from "./sandbox-host.ts";

const missing = whyNoSandbox();
if (missing !== null) console.log(`SKIPPED: messages that are none, because ${missing}`);
const host = missing === null ? await SandboxHost.open() : null;
afterAll(() => host?.[Symbol.asyncDispose]());

const source = join(import.meta.dirname, "../../native/src");
const hasSanitizers = existsSync("/usr/bin/gcc");
if (!hasSanitizers) console.log("SKIPPED: messages under sanitizers, because there is no gcc");

const limits = [{ resource: 1, soft: 4096, hard: 4096 }];
const good = launchMessage({ argv: ["/usr/bin/printf", "%s", "went"], env: ["A=1", "B="], limits });
const line = "job\tid-1\t/data/out\t/data/err\t/data/index\t100000\tdiscard";

const recipe =
  encodeRecipe(
    ociConfig({
      root: { kind: "host-toolchain" },
      work: "place.1",
      hasNetwork: false,
      ids: { first: 1_900_000_000 },
      joinsUsers: true,
      hardLimits: { openFiles: 1024, pendingSignals: 100, queueBytes: 1000, coreBytes: 1 },
      cgroupsPath: null,
      filter: Buffer.alloc(64, 6).toString("base64"),
    }),
  ) ?? Buffer.alloc(0);

const network = encodeNetwork({
  name: "b7-1",
  address4: "10.88.1.2",
  gateway4: "10.88.0.1",
  address6: "fd88::1:2",
});

const secrets = encodeSecrets({
  files: new Map([
    ["password", Buffer.from("correct-horse")],
    ["a.pem", Buffer.from("x\n")],
  ]),
  env: new Map([["TOKEN", Buffer.from("battery")]]),
});

/** With one number of it changed. */
function withNumber(at: number, value: number): Buffer {
  const changed = Buffer.from(good);
  changed.writeUInt32LE(value >>> 0, at);
  return changed;
}

/** Where the other processor's programs can be made and run. */
const cross = { compiler: "/usr/bin/aarch64-linux-gnu-gcc", runner: "/usr/bin/qemu-aarch64" };
const isCross = existsSync(cross.compiler) && existsSync(cross.runner);
const checks = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

describe.skipIf(!hasSanitizers)("what pid 1 and the shim read", () => {
  const folder = tempFolder();
  afterAll(() => folder[Symbol.asyncDispose]());

  function build(compiler: string, flags: readonly string[]): string {
    const driver = join(folder.path, `driver-${basename(compiler)}`);
    const sources = [
      join(import.meta.dirname, "fuzz-driver.c"),
      join(source, "launch.c"),
      join(source, "job-line.c"),
      join(source, "recipe.c"),
      join(source, "network.c"),
      join(source, "secret-message.c"),
    ];
    execFileSync(compiler, [...flags, "-w", "-I", source, "-o", driver, ...sources]);
    return driver;
  }

  /** How many of so many changed inputs were taken: some are not changed at all, or only where anything goes. */
  function taken(
    command: readonly string[],
    { kind, input }: { kind: string; input: Buffer | string },
  ): number[] {
    const [program = "", ...args] = command;
    return [1, 2, 3].map((seed) =>
      Number(execFileSync(program, [...args, kind, "200000", String(seed)], { input })),
    );
  }

  it.each([
    ["launch", good],
    ["line", line],
    ["sandbox", recipe],
    ["network", network],
    ["port", "connect\t7\t8080"],
    ["given", secrets],
    ["told", "secrets\t4711"],
    ["over", "overlay\t/srv/lower\t/srv/upper\t/srv/work"],
  ])("stays within its bounds and takes only what is whole, under sanitizers: %s", (kind, input) => {
    const counts = taken([build("/usr/bin/gcc", checks)], { kind, input });
    expect(Math.min(...counts)).toBeGreaterThan(1000);
    expect(Math.max(...counts)).toBeLessThan(195_000);
    // The other processor takes the same.
    const foreign = isCross ? [cross.runner, build(cross.compiler, ["-O1", "-static"])] : null;
    expect(foreign ? taken(foreign, { kind, input }) : counts).toEqual(counts);
  });
});

describe.skipIf(host === null)("a message that is none", () => {
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
    ["too few fields", "job\tid\t/o\t/e\t/i\t-\n"],
    ["too many fields", "job\tid\t/o\t/e\t/i\t-\tstop\t0\n"],
    ["an id that leads elsewhere", "job\t../x\t/o\t/e\t/i\t-\tstop\n"],
    ["a path that is none", "job\tid\to\t/e\t/i\t-\tstop\n"],
    ["a limit that is none", "job\tid\t/o\t/e\t/i\t12x\tstop\n"],
    ["a limit too large", "job\tid\t/o\t/e\t/i\t99999999999999999999\tstop\n"],
    ["no such mode", "job\tid\t/o\t/e\t/i\t-\tstay\n"],
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
