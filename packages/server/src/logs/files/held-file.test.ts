import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HeldFile } from "./held-file.ts";

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
});
