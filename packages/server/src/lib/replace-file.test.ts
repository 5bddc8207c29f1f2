import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { replaceFile } from "./replace-file.ts";

const folder = mkdtempSync(join(tmpdir(), "berth-replace-"));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([{}, { flush: true }])(
  "writes a file that nobody else reads, and leaves nothing beside it: %j",
  (how) => {
    const path = join(folder, "state");
    replaceFile(path, "a longer one", how);
    replaceFile(path, "new", how);
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["state"]);
  },
);

it("leaves what it was to whoever has it open: it is another file then", () => {
  const path = join(folder, "state");
  replaceFile(path, "before");
  const open = openSync(path, "r");
  try {
    replaceFile(path, "after");
    expect(readFileSync(open, "utf8")).toBe("before");
  } finally {
    closeSync(open);
  }
});
