import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type EngineBench, openEngineBench } from "../support/engine-bench.ts";
import { subject } from "../support/local-subject.ts";
import { until } from "../support/until.ts";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { RECORD_BYTES } from "../../src/engines/local/jobs/end-record.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: a full folder of the engine in memory, because ${missing}`);

/** A subject whose engine steers its jobs from a small memory of its own; `control` is the folder of jobs there. */
function onSmallMemory(): { small: typeof subject; control: () => string } {
  let places = { run: "", control: "" };
  const open: typeof subject.open = async (root) => {
    places = placesOf(join(root, "data"));
    mkdirSync(places.run, { recursive: true });
    execFileSync("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=1m,mode=711", "berth-test", places.run]);
    return await subject.open(root);
  };
  const remove: typeof subject.remove = async (root) => {
    execFileSync("/usr/bin/umount", ["--lazy", places.run]);
    await subject.remove(root);
  };
  return { small: { ...subject, open, remove }, control: () => places.control };
}

/** As many as the engine keeps. */
const sparePlaces = 8;

/** Places whose shim has made its files. */
function readyPlaces(control: string): number {
  const exits = readdirSync(control)
    .filter((name) => name.startsWith("place."))
    .map((name) => statSync(join(control, name, "exit"), { throwIfNoEntry: false }));
  return exits.filter((exit) => exit?.size === RECORD_BYTES).length;
}

const refused = 'refused, output ""';
const ranOnce = 'noted: true, code 0, output "ran"';

it.skipIf(missing !== null)(
  "runs a job once and tells its end, or does not run it, however little memory is left",
  async () => {
    const { small, control } = onSmallMemory();
    await using bench = await openEngineBench(small);
    const fill = join(control(), "fill.test");
    const outcomes: string[] = [];
    // A place that is made anew meanwhile takes some of what was left: then one more page, and one more.
    for (let pages = 0; pages <= 8 || (outcomes.at(-1) !== ranOnce && pages <= 64); pages += 1) {
      rmSync(fill, { force: true });
      await until(() => readyPlaces(control()) === sparePlaces, { what: "places that take no more room" });
      const { bavail, bsize } = statfsSync(control());
      writeFileSync(fill, Buffer.alloc(Math.max(bavail * bsize - pages * 4096, 0), 1));
      outcomes.push(await outcomeOn(bench, control()));
    }
    // While it is there the engine leaves its folder alone, which cannot be removed with something mounted in it.
    writeFileSync(fill, "");
    expect(outcomes[0]).toBe(refused);
    expect(outcomes.at(-1)).toBe(ranOnce);
    expect(outcomes.filter((outcome) => outcome !== refused && outcome !== ranOnce)).toEqual([]);
  },
);

/** What became of one more job. */
async function outcomeOn(bench: EngineBench, control: string): Promise<string> {
  const launch = bench.newLaunch(subject.commands.print({ stdout: "ran" }));
  const isStarted = await bench.engine.start(launch, AbortSignal.timeout(10_000)).then(
    () => true,
    () => false,
  );
  if (!isStarted) return `refused, output "${bench.stdoutOf(launch).toString()}"`;
  const noted = readFileSync(join(control, launch.id, "started"), "utf8").length;
  const { code, verdict } = await bench.wait(launch);
  await bench.engine.destroy(launch.handle);
  const how = verdict === null ? `code ${code}` : verdict.kind;
  return `noted: ${noted > 0}, ${how}, output "${bench.stdoutOf(launch).toString()}"`;
}
