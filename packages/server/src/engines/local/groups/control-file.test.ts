import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";

/** Reads in a process of its own, which has no file left that it could open, or a free one. */
function readIn(group: string, { isFull }: { isFull: boolean }): string {
  const script = `
    import { openSync } from "node:fs";
    import { readCounters } from ${JSON.stringify(new URL("./control-file.ts", import.meta.url).href)};
    const fill = () => { try { for (;;) openSync("/dev/null"); } catch {} };
    if (${isFull}) fill();
    let said;
    try { said = [...readCounters(${JSON.stringify(group)}, "memory.events")].join(" "); } catch (error) { said = error.code; }
    process.stdout.write(said);`;
  const { stdout, stderr } = spawnSync(
    "/bin/sh",
    ["-c", 'ulimit -n 64 && exec "$@"', "sh", process.execPath, "--input-type=module", "-e", script],
    { encoding: "utf8" },
  );
  return stdout === "" ? stderr : stdout;
}

it("says that it could not look where no more files can be opened, and not that nothing was counted", async () => {
  await using folder = tempFolder();
  writeFileSync(join(folder.path, "memory.events"), "oom 1\noom_kill 2\n");
  expect(readIn(folder.path, { isFull: false })).toBe("oom,1 oom_kill,2");
  expect(readIn(folder.path, { isFull: true })).toBe("EMFILE");
});
