import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cgroupNameOf, removeControlGroups } from "./cgroup-name.ts";
import { hierarchies } from "./leftovers.ts";
import { subject } from "./local-subject.ts";
import { tempFolder } from "./temp-folder.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: the control groups of a test, because ${missing}`);

it.skipIf(missing !== null)("are removed once what was killed in them has ended", async () => {
  await using folder = tempFolder();
  const name = cgroupNameOf(folder.path);
  const group = join(hierarchies()[0] ?? "", name, "job");
  mkdirSync(group, { recursive: true });
  const child = spawn("/usr/bin/sleep", ["1000"]);
  writeFileSync(join(group, "cgroup.procs"), String(child.pid));
  const removed = removeControlGroups(name);
  child.kill("SIGKILL");
  await removed;
  expect(existsSync(group)).toBe(false);
});
