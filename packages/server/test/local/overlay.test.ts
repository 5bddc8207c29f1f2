import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { tryOverlay } from "../../src/engines/local/bundle/try-overlay.ts";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { UntouchedFolders } from "../../src/engines/local/work/untouched-folders.ts";
import { newId } from "../../src/lib/ids.ts";
import { contentOf, makeTree, over } from "../conformance/engine/overlays.ts";
import { cgroupNameOf } from "../support/cgroup-name.ts";
import {
  type EngineBench,
  launchOn,
  noLimits,
  openEngineBench,
  patienceMs,
} from "../support/engine-bench.ts";
import type { EngineSubject } from "../support/engine-subject.ts";
import { subject } from "../support/local-subject.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

/* Trees that jobs find as /work, in sandboxes that stood before and in those that did not, made by Berth and by the runtime. */

const missing = await whyNot();
if (missing !== null) console.log(`SKIPPED: trees that jobs find as /work, because ${missing}`);

async function whyNot(): Promise<string | null> {
  const lacking = await subject.missing();
  if (lacking !== null) return lacking;
  await using folder = tempFolder();
  return (await tryOverlay(folder.path))?.why ?? null;
}

function engineWith(warmSandboxes: number, sandboxMaker: "berth" | "runtime"): EngineSubject {
  const open = (root: string) =>
    createLocalEngine({
      dataDir: join(root, "data"),
      cgroupName: cgroupNameOf(root),
      sandboxMaker,
      warmSandboxes,
    });
  return { ...subject, open };
}

/** The number of a folder that is gone is soon another's. */
function sameness(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.ino} ${stat.birthtimeNs}`;
}

const sh = (script: string) => ({ command: "sh", args: ["-c", script] });
const files = {
  "run.sh": "#!/bin/sh\necho ran $(pwd) $1\n",
  "by-other": "#!/work/run.sh\n",
  "sub/one": "1",
  "sub/two": "2",
  three: "3",
};

describe.skipIf(missing !== null).each([
  ["that stands before its job, made by Berth", 2, "berth"],
  ["that is made for its job, by Berth", 0, "berth"],
  ["that is made by the runtime", 1, "runtime"],
] as const)("over a tree, a sandbox %s", (_, warm, maker) => {
  let bench: EngineBench;
  let lower: string;
  const overlays = () => readdirSync(placesOf(join(bench.root, "data")).overlays);
  beforeAll(async () => {
    bench = await openEngineBench(engineWith(warm, maker));
    lower = makeTree(bench.root, files);
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  it("runs programs of the tree, also from a folder of it, and names those that are not there", async () => {
    const programs = ["./run.sh", "./by-other", "/work/run.sh"];
    const ran = await Promise.all(
      programs.map((command) => bench.run({ command, args: ["x"] }, over(lower))),
    );
    expect(ran.map(({ stdout }) => stdout.toString())).toEqual([
      "ran /work x\n",
      "ran /work ./by-other\n",
      "ran /work x\n",
    ]);
    const below = await bench.run(
      { command: "../run.sh", args: ["y"] },
      { workdir: "/work/sub", ...over(lower) },
    );
    expect(below.stdout.toString()).toBe("ran /work/sub y\n");
    const none = bench.newLaunch({ command: "./none.sh", args: [] }, over(lower));
    await expect(bench.engine.start(none, AbortSignal.timeout(patienceMs))).rejects.toThrow(
      '"/work/none.sh" does not exist',
    );
    const nowhere = await bench.run(sh("true"), { workdir: "/work/nowhere", ...over(lower) });
    expect(nowhere.exit.verdict).toMatchObject({ kind: "command_failed" });
  });

  it("lets its job change, remove and rename what is there; what is removed is told as not there", async () => {
    const script = `set -e; echo more >>sub/one; rm three; mv sub/two sub/moved; mv sub folder; mkdir three; rmdir three
      rm run.sh; echo again >made; ls -A . folder | tr '\\n' ' '; grep ' /work ' /proc/self/mountinfo | tail -n 1 | sed 's/.* - //; s/ .*//'`;
    const launch = await bench.start(sh(script), over(lower));
    expect([(await bench.wait(launch)).code, bench.stdoutOf(launch).toString()]).toEqual([
      0,
      ".: by-other folder made  folder: moved one overlay\n",
    ]);
    const into = join(bench.root, "artifacts", newId());
    mkdirSync(into, { recursive: true });
    const wanted = { paths: ["**", "three", "run.sh"], into, maxBytes: 10_000, maxFiles: 100 };
    const { artifacts, skipped } = await bench.engine.collect(launch.handle, wanted);
    expect(artifacts.map(({ path }) => path)).toEqual(["folder/moved", "folder/one", "made"]);
    expect(skipped).toEqual(["run.sh", "three"].map((path) => ({ path, reason: "not there" })));
    expect(await bench.engine.readFile(launch.handle, "three", 10)).toBeNull();
    expect(contentOf(lower)).toEqual(files);
    await bench.engine.destroy(launch.handle);
    expect(await bench.leftovers(launch.id)).toEqual([]);
    expect(overlays()).toEqual([]);
  });

  it("leaves a folder that its job has not touched to another job, and no other", async () => {
    const { untouched, work } = placesOf(join(bench.root, "data"));
    await using folder = tempFolder();
    using probe = new UntouchedFolders(folder.path);
    const canTell = probe.stamp(folder.path) !== null;
    const isKept = async (script: string): Promise<boolean> => {
      const launch = await bench.start(sh(script), over(lower));
      expect((await bench.wait(launch)).code).toBe(0);
      const own = sameness(join(work, launch.id));
      await bench.engine.destroy(launch.handle);
      expect(await bench.leftovers(launch.id)).toEqual([]);
      // Or it is that of a place already.
      return [untouched, work].some((root) =>
        readdirSync(root).some((name) => sameness(join(root, name)) === own),
      );
    };
    expect(await isKept("cat three sub/one")).toBe(canTell);
    for (const script of ["touch three", "echo >new; rm new", "chmod 700 .", "rm three", "echo >sub/new"])
      expect([script, await isKept(script)]).toEqual([script, false]);
  });

  it("holds its job to the limit of its disk, in which the tree does not count", async () => {
    const large = makeTree(bench.root, { large: "x".repeat(2_000_000) });
    const limits = { ...noLimits, disk: { value: 1_000_000, by: "job" as const } };
    const small = await bench.run(sh("head -c 10 large; rm large; echo small >own"), {
      limits,
      ...over(large),
    });
    expect([small.exit.code, small.exit.verdict]).toEqual([0, null]);
    for (const script of [
      "cp large copy",
      "echo x >>large",
      "exec 3>open; rm open; cat large >&3; sleep 1000",
    ]) {
      const { exit } = await bench.run(sh(script), { limits, ...over(large) });
      expect([script, exit.verdict?.kind]).toEqual([
        script,
        expect.stringMatching(/^(disk_limit|file_too_large)$/),
      ]);
    }
  });

  it("holds what its job has removed and keeps open to that limit too", async () => {
    const limits = { ...noLimits, disk: { value: 1_000_000, by: "job" as const } };
    const script =
      "for n in 1 2 3 4; do eval exec $((n + 3))'>open'; rm open; head -c 900000 /dev/zero >&$((n + 3)); done; sleep 1000";
    const { exit } = await bench.run(sh(script), { limits, ...over(lower) });
    expect(exit.verdict).toMatchObject({ kind: "disk_limit" });
  });

  it("is not there for a job whose tree is gone, which is told, and leaves nothing", async () => {
    const launch = bench.newLaunch(sh("true"), over(join(bench.root, "gone")));
    const started = bench.engine.start(launch, AbortSignal.timeout(patienceMs));
    await expect(started).rejects.toMatchObject({ blame: "engine", retryable: true });
    await until(() => overlays().length === 0, { what: "the end of what was made for it" });
    expect(await bench.engine.recover(launch.handle)).toEqual({ kind: "never-started" });
  });
});

it.skipIf(missing !== null)(
  "what a server that died has left of a tree is taken away by the next",
  async () => {
    await using folder = tempFolder();
    const root = folder.path;
    const engines = engineWith(0, "berth");
    const signal = AbortSignal.timeout(patienceMs);
    const { overlays, work } = placesOf(join(root, "data"));
    const before = await engines.open(root);
    const lower = makeTree(root, files);
    const launch = launchOn(before, { line: sh("echo x >three"), root, overrides: over(lower) });
    await before.start(launch, signal);
    await before.wait(launch.handle, signal);
    const [own = ""] = readdirSync(overlays);
    // Of a place whose job nobody knows any more, as after the end of the host.
    const stray = own.replace(/[^-]*$/, "stray");
    for (const name of ["work", "work/incompat"])
      mkdirSync(join(overlays, stray, name), { recursive: true, mode: 0 });
    mkdirSync(join(work, stray));
    await before[Symbol.asyncDispose]();
    const after = await engines.open(root);
    try {
      expect([readdirSync(overlays), readdirSync(work)]).toEqual([[own], [launch.id]]);
      await after.destroy(launch.handle);
      expect(readdirSync(overlays)).toEqual([]);
    } finally {
      await after[Symbol.asyncDispose]();
      await engines.remove(root);
    }
  },
);
