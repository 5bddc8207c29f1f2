import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { tempFolder } from "./support/temp-folder.ts";

const onFullDisk = new URL("support/registry-on-full-disk.ts", import.meta.url);
const isRoot = process.getuid?.() === 0;
if (!isRoot)
  console.log("SKIPPED: the register on a full disk, because only root can mount a small file system");

describe("the register of certificates on a disk with room for half a line", () => {
  it.runIf(isRoot)("refuses the line and stays as it was, and goes on when there is room", async () => {
    await using folder = tempFolder();
    const program = [process.execPath, "--conditions=berth-source", fileURLToPath(onFullDisk), folder.path];
    const { stdout } = await promisify(execFile)("unshare", ["--mount", ...program]);
    expect(JSON.parse(stdout)).toEqual({
      refused: "STORAGE_FAILED",
      revokedAt: null,
      sizes: [4076, 4076],
      items: [
        ["4b", null],
        ["4a", 2],
      ],
    });
  });
});
