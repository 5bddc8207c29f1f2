import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HeldFile } from "./held-file.ts";

/** Takes a write lease, does not give it up when asked, and ends after two seconds. */
const leaseHolder = String.raw`$| = 1; $SIG{IO} = "IGNORE"; open(my $f, "+<", $ARGV[0]) or die;
fcntl($f, 1024, 1) or die; print "held\n"; sleep 2`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-held-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Descriptors of this process that lead to a path. */
function descriptorsOf(path: string): number {
  const targets = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return null;
    }
  });
  return targets.filter((target) => target === path).length;
}

describe("a file that is read", () => {
  it("takes one descriptor however many read it, until the last of them has gone", async () => {
    const path = join(root, "stdout");
    writeFileSync(path, "hello");
    const files = Array.from({ length: 50 }, () => new HeldFile(path));
    const read = async (file: HeldFile): Promise<string> => {
      const into = Buffer.alloc(5);
      await file.read(into, 0);
      return into.toString();
    };
    expect(new Set(await Promise.all(files.map(read)))).toEqual(new Set(["hello"]));
    expect(descriptorsOf(path)).toBe(1);
    const [last, ...others] = files;
    for (const file of others) file[Symbol.dispose]();
    expect(last && (await read(last))).toBe("hello");
    last?.[Symbol.dispose]();
    last?.[Symbol.dispose]();
    expect(descriptorsOf(path)).toBe(0);
  });

  it("is waited for without holding up anything else, while somebody holds a lease on it", async () => {
    const path = join(root, "stdout");
    writeFileSync(path, "hello");
    const holder = spawn("perl", ["-e", leaseHolder, path], { stdio: ["ignore", "pipe", "inherit"] });
    await once(holder.stdout, "data");
    using file = new HeldFile(path);
    const into = Buffer.alloc(5);
    const begun = performance.now();
    const reading = file.read(into, 0);
    await delay(10);
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(holder.exitCode).toBeNull();
    expect(await reading).toBe(5);
    expect(into.toString()).toBe("hello");
  });
});
