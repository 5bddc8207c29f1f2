import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { translateError } from "./translate-error.ts";

const run = promisify(execFile);
const noSpace = (path?: string): NodeJS.ErrnoException =>
  Object.assign(new Error("ENOSPC: no space left on device"), {
    code: "ENOSPC",
    ...(path !== undefined && { path }),
  });

describe("a place without room", () => {
  const places = { run: "/run/berth-x", work: "/data/jobs" };

  it.each([
    ["/run/berth-x/jobs/1/config.json", "the host's folder in memory, /run/berth-x, is full"],
    ["/data/jobs/1/input", "the server's data disk is full"],
    ["/sys/fs/cgroup/cpu/berth/jobs/1", "the host can make no more control groups"],
  ])("is named by the file that found none: %s", (path, why) => {
    expect(translateError(noSpace(path), "start it", places).message).toBe(`Cannot start it: ${why}`);
  });

  it.skipIf(process.getuid?.() !== 0)("is found by its room where no file is named", async () => {
    const program = `
import { writeFileSync } from "node:fs";
import { translateError } from ${JSON.stringify(new URL("translate-error.ts", import.meta.url).href)};
const places = { run: "/mnt", work: "/tmp" };
try { writeFileSync("/mnt/file", Buffer.alloc(2 ** 21)); } catch (error) { console.log(translateError(error, "start it", places).message); }`;
    const script = 'mount -t tmpfs -o size=1m tmpfs /mnt && exec "$@"';
    const node = [process.execPath, "--conditions=berth-source", "--input-type=module", "-e", program];
    const { stdout } = await run("unshare", [
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-c",
      script,
      "sh",
      ...node,
    ]);
    expect(stdout).toBe("Cannot start it: the host's folder in memory, /mnt, is full\n");
  });
});
