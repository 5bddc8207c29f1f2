import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ignoreRules } from "./ignore-rules.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "berth-ignore-"))));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  // lines of the file, path (a folder ends with /), whether it stays here
  ["", ".git/", true],
  ["", "lib/.git/", true],
  ["", ".git", true],
  ["!.git", ".git/", false],
  ["", ".gitignore", false],
  ["", "node_modules/", false],
  ["", ".berthignore", false],
  ["node_modules", "a/node_modules/", true],
  ["/node_modules", "a/node_modules/", false],
  ["build/", "build/", true],
  ["build/", "build", false],
  ["*.log\n!keep.log", "a/x.log", true],
  ["*.log\n!keep.log", "a/keep.log", false],
  ["*.LOG", "x.log", false],
  ["# a comment\n\n  \n", "a", false],
  ["\\#a", "#a", true],
  ["a b", "a b", true],
  ["docs/**/*.pdf", "docs/x/y/z.pdf", true],
  ["docs/**/*.pdf", "pdf/z.pdf", false],
  ["ü*", "über", true],
  ["a\r\nb\r\n", "b", true],
  ["*", "anything", true],
  ["*\n!*.c", "a.c", false],
])("with %j, as git does it, %s stays here: %s", async (lines, path, stays) => {
  writeFileSync(join(folder, ".berthignore"), lines);
  const isIgnored = await ignoreRules(folder, {});
  expect(isIgnored(path.replace(/\/$/, ""), path.endsWith("/"))).toBe(stays);
});

it("takes another file, and lines that have the last word", async () => {
  writeFileSync(join(folder, "others"), "a\n");
  writeFileSync(join(folder, ".berthignore"), "b\n");
  const isIgnored = await ignoreRules(folder, { ignoreFile: join(folder, "others"), ignore: ["!a", "c"] });
  expect(["a", "b", "c"].filter((path) => isIgnored(path, false))).toEqual(["c"]);
});

it("says which file of rules cannot be read", async () => {
  await expect(ignoreRules(folder, { ignoreFile: join(folder, "gone") })).rejects.toMatchObject({
    code: "FOLDER_INVALID",
    message: expect.stringMatching(/its ignore file ".*gone" cannot be read: it does not exist$/) as unknown,
  });
});
