import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IndexWriter } from "../src/core/output/index-writer.ts";
import { tailOf } from "../src/core/output/output-record.ts";
import { tempFolder } from "./support/temp-folder.ts";

const native = join(import.meta.dirname, "../native/src");
const compiler = existsSync(join(native, "output.c")) ? ["cc", "gcc", "tcc"].find(isThere) : undefined;
/** Of gcc, which is what `cc` is where there is one. */
const hasSanitizers = compiler === "cc" && isThere("gcc");
if (compiler === undefined)
  console.log("SKIPPED: the index in C beside its reference, because no compiler is here");

let folder: ReturnType<typeof tempFolder>;
beforeAll(() => void (folder = tempFolder()));
afterAll(() => folder[Symbol.asyncDispose]());

function isThere(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Something that happens to an index, at one moment; `what` as in index-driver.c. */
interface Step {
  monotonicMs: number;
  now: number;
  what: 0 | 1 | 2 | 3 | 4;
  bytes: number;
}

const streams = ["stdout", "stderr"] as const;

function writtenInC(steps: readonly Step[]): Buffer {
  const driver = join(folder.path, "driver");
  const sources = [join(import.meta.dirname, "support/index-driver.c"), join(native, "output.c")];
  const checks = hasSanitizers ? ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"] : [];
  execFileSync(compiler ?? "", ["-O1", "-w", ...checks, "-I", native, "-o", driver, ...sources]);
  const files = ["stdout", "stderr", "index"].map((name) => join(folder.path, name));
  for (const file of files) writeFileSync(file, "");
  const input = steps.map(({ monotonicMs, now, what, bytes }) => `${monotonicMs} ${now} ${what} ${bytes}\n`);
  execFileSync(driver, files, { input: input.join("") });
  return readFileSync(join(folder.path, "index"));
}

function writtenHere(steps: readonly Step[]): Buffer {
  const path = join(folder.path, "index.here");
  writeFileSync(path, "");
  const fd = openSync(path, "r+");
  const write = (bytes: Buffer, position: number): void => {
    writeSync(fd, bytes, 0, bytes.length, position);
  };
  let writer = new IndexWriter({ count: 0, last: null }, write);
  for (const { monotonicMs, now, what, bytes } of steps) {
    if (what < 2) writer.grew(what === 0 ? "stdout" : "stderr", bytes, { now });
    if (what === 4) {
      const { written } = writer;
      writer = new IndexWriter(tailOf(readFileSync(path)), write);
      for (const stream of streams) writer.grew(stream, written[stream] - writer.written[stream], { now });
    }
    writer.settle({ monotonicMs }, { force: what >= 3 });
  }
  closeSync(fd);
  return readFileSync(path);
}

/** A job that writes in bursts, now to one stream, now to both, with a clock on the wall that is set now and then. */
function steps(count: number, seed: number): Step[] {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let [monotonicMs, now] = [1000, 1_700_000_000_000];
  let [pause, both] = [1, true];
  return Array.from({ length: count }, (_, n) => {
    if (random(200) === 0) [pause, both] = [1 + random(n > count / 2 ? 20 : 300), random(3) > 0];
    const passed = random(pause);
    monotonicMs += passed;
    now += passed + (random(500) === 0 ? random(1_000_000) - 500_000 : 0);
    const rare = random(1000);
    const what = n === count - 1 ? 3 : rare === 0 ? 4 : rare < 50 ? 2 : both && random(2) === 1 ? 1 : 0;
    return { monotonicMs, now, what, bytes: what < 2 ? 1 + random(5000) : 0 };
  });
}

describe.skipIf(compiler === undefined)("the index that pid 1 writes", () => {
  it.each([1, 2, 3])("is byte for byte that of its reference (%i)", (seed) => {
    const trace = steps(40_000, seed);
    const [inC, here] = [writtenInC(trace), writtenHere(trace)];
    const { count, last } = tailOf(inC);
    expect(count).toBeGreaterThan(8192);
    expect([last?.end.stdout, last?.end.stderr]).toEqual(
      ["stdout", "stderr"].map((name) => statSync(join(folder.path, name)).size),
    );
    expect(tailOf(here)).toEqual(tailOf(inC));
    expect(inC.equals(here)).toBe(true);
  });
});
