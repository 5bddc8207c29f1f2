import type { Isolation } from "@berth/protocol";
import { chmodSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cgroupNameOf } from "../../../../test/support/cgroup-name.ts";
import {
  type EngineBench,
  noLimits,
  openEngineBench,
  patienceMs,
} from "../../../../test/support/engine-bench.ts";
import { subject } from "../../../../test/support/local-subject.ts";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { createLocalEngine } from "../engine.ts";
import { parseLook, readBack } from "./sandbox-look.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: isolation as the kernel shows it, because ${missing}`);

const planned: Isolation = {
  level: "namespaces",
  items: [
    "user-namespace",
    "ipc-namespace",
    "capabilities",
    "no-new-privileges",
    "seccomp",
    "pids-limit",
  ].map((name) => ({ name, applied: true, detail: "planned" })),
};
const good = `user user:[2]
ipc ipc:[3]
map 0 1879048192 65536
CapInh: 0000000000000000
CapPrm: 0000000000000000
CapEff: 0000000000000000
CapBnd: 0000000000000000
CapAmb: 0000000000000000
NoNewPrivs: 1
Seccomp: 2
end
`;
const ours = (name: string): string => `${name}:[1]`;
const lacking = (text: string): string[] =>
  readBack(planned, parseLook(text), ours)
    .items.filter(({ applied }) => !applied)
    .map(({ name }) => name);

describe("isolation as the kernel shows it", () => {
  it("bears out what was planned", () => {
    expect(readBack(planned, parseLook(good), ours)).toEqual(planned);
  });

  it.each([
    ["ipc:[3]", "ipc:[1]", "ipc-namespace"],
    ["ipc ipc:[3]\n", "", "ipc-namespace"],
    ["1879048192", "0", "user-namespace"],
    ["65536", "4294967295", "user-namespace"],
    ["user:[2]", "user:[1]", "user-namespace"],
    ["CapBnd: 0000000000000000", "CapBnd: 0000000000200000", "capabilities"],
    ["NoNewPrivs: 1", "NoNewPrivs: 0", "no-new-privileges"],
    ["Seccomp: 2", "Seccomp: 0", "seccomp"],
  ])("where %j is %j, does not bear it out: %s", (part, instead, name) => {
    expect(lacking(good.replace(part, instead))).toEqual([name]);
  });

  it("bears out nothing where nobody could look, but what is not its to tell", () => {
    const all = planned.items.map(({ name }) => name).filter((name) => name !== "pids-limit");
    expect(lacking("")).toEqual(all);
    expect(lacking(good.replace("end\n", ""))).toEqual(all);
  });
});

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

describe.skipIf(missing !== null)("isolation that is recorded with a job", { timeout: 60_000 }, () => {
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
