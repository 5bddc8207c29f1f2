import { chmodSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { cgroupNameOf } from "../support/cgroup-name.ts";
import { type EngineBench, noLimits, openEngineBench, patienceMs } from "../support/engine-bench.ts";
import { subject } from "../support/local-subject.ts";
import { tempFolder } from "../support/temp-folder.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: isolation as the kernel shows it, because ${missing}`);

/** Namespaces by the words of a job's isolation. */
const words = {
  user: "user",
  pid: "pid",
  mnt: "mount",
  net: "network",
  ipc: "ipc",
  uts: "uts",
  cgroup: "cgroup",
};
const names = Object.keys(words);

/** Which items are recorded as applied with a job, as a doctor shows them, and which namespaces the job sees as its own. */
async function compare(bench: EngineBench): Promise<{ recorded: string[]; own: string[]; doctor: string[] }> {
  const script = `for n in ${names.join(" ")}; do readlink /proc/self/ns/$n; done`;
  const launch = bench.newLaunch({ command: "sh", args: ["-c", script] }, { limits: noLimits });
  const { isolation } = await bench.engine.start(launch, AbortSignal.timeout(patienceMs));
  await bench.wait(launch);
  const seen = bench.stdoutOf(launch).toString().trim().split("\n");
  await bench.engine.destroy(launch.handle);
  const own = Object.entries(words).flatMap(([name, word], index) =>
    seen[index] === readlinkSync(`/proc/self/ns/${name}`) ? [] : [`${word}-namespace`],
  );
  const checks = await bench.engine.check();
  const doctor = checks.flatMap(({ name, status }) =>
    status === "ok" && name.startsWith("job: ") ? [name.slice("job: ".length)] : [],
  );
  return { doctor, recorded: isolation.items.flatMap(({ name, applied }) => (applied ? [name] : [])), own };
}

describe.skipIf(missing !== null)("isolation that is recorded with a job", () => {
  it("is what the job itself sees: every namespace its own, and none of the server's", async () => {
    await using bench = await openEngineBench(subject);
    const { recorded, own, doctor } = await compare(bench);
    expect(doctor).toEqual(recorded);
    expect(own).toEqual(Object.values(words).map((word) => `${word}-namespace`));
    expect(recorded).toEqual([...own, "capabilities", "no-new-privileges", "seccomp"]);
  });

  it.each(["ipc", "cgroup", "uts"])("lacks the namespace that its runtime did not make: %s", async (type) => {
    await using folder = tempFolder();
    const runtime = join(folder.path, "crun");
    const edit = `sed -i 's/,{"type":"${type}"}//; s/"hostname":"job",//' config.json`;
    writeFileSync(runtime, `#!/bin/sh\n${edit}\nexec /usr/bin/crun "$@"\n`);
    chmodSync(runtime, 0o755);
    await using bench = await openEngineBench({
      ...subject,
      open: (root) =>
        createLocalEngine({ dataDir: join(root, "data"), cgroupName: cgroupNameOf(root), runtime }),
    });
    const { recorded, own, doctor } = await compare(bench);
    expect(doctor).toEqual(recorded);
    expect(own).not.toContain(`${type}-namespace`);
    expect(own.length).toBe(6);
    expect(recorded.filter((name) => name.endsWith("-namespace"))).toEqual(own);
  });
});
