/**
 * A server without doors, in a process of its own, for tests that kill it: it takes up the job of three stages that lies in
 * its folder, or makes it, walks it to its end, waits until nothing of it is left, and prints what there is to see of it.
 *
 *   stages-server.ts SUBJECT ROOT JOB-ID
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isTerminal } from "@berth/protocol";
import { openControlPlane } from "../../src/control-plane.ts";
import { newStage } from "../../src/core/stages/new-stage.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { newId } from "../../src/lib/ids.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import type { EngineSubject } from "./engine-subject.ts";
import { planeSettings } from "./plane-settings.ts";
import { noInputs, sampleJob } from "./sample-job.ts";
import { until } from "./until.ts";

const [module = "", root = "", id = ""] = process.argv.slice(2);
const { subject } = (await import(module)) as { subject: EngineSubject };

const shell = (script: string) => ({ command: "sh", args: ["-c", script] });
const play = (...args: string[]) => ({ command: "fake", args });

/** What each stage executes, by its number and its attempt; the last is the user's code. */
const scripts = {
  fake: {
    // The engine fails the second stage at first.
    stage: (n: number, attempt: number) =>
      n === 0 ? play("save=0:0") : play("show=0", "save=1:1", attempt < 3 ? "break=it broke" : "exit=0"),
    user: play("print=begin", "show=0", "show=1", "run-for=300ms", "print=end", "exit=3"),
  },
  local: {
    stage: (n: number) => shell(`printf ${n} >>trace`),
    user: shell("echo begin; cat trace; sleep 0.3; echo end; exit 3"),
  },
}[subject.name as "fake" | "local"];

async function insertJob(store: Store, engine: Engine): Promise<void> {
  const job = sampleJob({ id, engine: engine.name, state: "preparing", stagesBefore: 2, spec: scripts.user });
  job.handle = engine.handleFor(id);
  const stages = [0, 1].map((position) => {
    const own = newId();
    return newStage({
      id: own,
      jobId: id,
      kind: "unpack",
      position,
      handle: engine.handleFor(own),
      isolation: null,
    });
  });
  await store.jobs.insert({ job, inputs: noInputs, stages, idempotency: null });
}

const dataDir = join(root, "data");
const engine = await subject.open(root);
mkdirSync(dataDir, { recursive: true });
{
  await using before = await openSqliteStore({ path: join(dataDir, "berth.db") });
  if (!(await before.jobs.get(id))) await insertJob(before, engine);
}
await using plane = await openControlPlane(
  { ...planeSettings, dataDir, stopGraceMs: 1000 },
  {
    events: {
      jobSubmitted: () => undefined,
      accessChanged: () => undefined,
      jobStarted: () => undefined,
      jobEnded: () => undefined,
      fault: (what, error) => console.error(what, error),
    },
    reportDisk: () => undefined,
    engines: [() => Promise.resolve(engine)],
    launchers: {
      unpack: {
        launch: async (_job, { position, attempt }) => ({
          ...scripts.stage(position, attempt),
          stdin: null,
        }),
      },
    },
  },
);
const { store, logs } = plane.context;
const job = await until(
  async () => {
    const now = await store.jobs.get(id);
    return now && isTerminal(now.state) ? now : null;
  },
  { what: "the end of the job" },
);
await until(async () => (await engine.list()).length === 0, { what: "nothing left" });
console.log(
  JSON.stringify({
    job,
    stages: await store.stages.list(id),
    output: Buffer.from(await logs.head(id, "stdout", 1000)).toString(),
    events: await store.events.list(id, 0),
  }),
);
