import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { holdFile } from "./hold-file.ts";

const folder = mkdtempSync(join(tmpdir(), "berth-hold-"));
const path = join(folder, "a.lock");
afterEach(() => rmSync(path, { force: true }));

/** What another process gets that tries to take the file. */
function takenByAnother(): string {
  const script = `
    const { holdFile } = await import(${JSON.stringify(new URL("./hold-file.ts", import.meta.url).href)});
    console.log(holdFile(${JSON.stringify(path)}) === null ? "refused" : "taken");
  `;
  const args = ["--no-warnings", "--conditions=berth-source", "--input-type=module", "--eval", script];
  return execFileSync(process.execPath, args, { encoding: "utf8" }).trim();
}

it("keeps others away until it is let go of", () => {
  const held = holdFile(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(takenByAnother()).toBe("refused");
  held?.[Symbol.dispose]();
  expect(takenByAnother()).toBe("taken");
});

it("keeps others away also after this process has tried to take the file once more", () => {
  using held = holdFile(path);
  expect(held).not.toBeNull();
  expect(holdFile(path)).toBeNull();
  expect(takenByAnother()).toBe("refused");
});

it("says what is wrong with a file that nobody holds", () => {
  writeFileSync(path, "no database ".repeat(100));
  expect(() => holdFile(path)).toThrow("file is not a database");
  rmSync(path);
  expect(() => holdFile(join(folder, "nowhere/a.lock"))).toThrow("ENOENT");
  mkdirSync(path);
  expect(() => holdFile(path)).toThrow("unable to open database file");
  rmSync(path, { recursive: true });
});

it("may be let go of twice", () => {
  const held = holdFile(path);
  held?.[Symbol.dispose]();
  expect(() => held?.[Symbol.dispose]()).not.toThrow();
});
