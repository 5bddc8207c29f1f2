import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { noInputs, sampleJob } from "../../../test/support/sample-job.ts";
import { type TempFolder, tempFolder } from "../../../test/support/temp-folder.ts";
import { createFileArtifactStore } from "../../artifacts/files/file-artifact-store.ts";
import type { Engine } from "../../engines/engine.ts";
import { createFakeEngine } from "../../engines/fake/engine.ts";
import { systemClock } from "../../lib/clock.ts";
import { createFileLogStore } from "../../logs/files/file-log-store.ts";
import { openSqliteStore } from "../../store/sqlite/open.ts";
import type { ReconcilerContext } from "../context.ts";
import { runJob } from "./run-job.ts";

let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const day = 24 * 3600_000;
const place = (name: string): string => {
  const path = join(folder.path, name);
  mkdirSync(path, { recursive: true });
  return path;
};

it("keeps when a short job began, though the server goes down between its exit and the record of it", async () => {
  await using store = await openSqliteStore({ path: join(folder.path, "berth.db") });
  await using logs = createFileLogStore({ root: place("logs") });
  await using engine = await createFakeEngine({ root: place("engine") });
  const context = (name: Engine): ReconcilerContext => ({
    store,
    logs,
    artifacts: createFileArtifactStore({ root: place("artifacts") }),
    engines: new Map([["fake", name]]),
    clock: systemClock,
    settings: {
      maxJobs: 1,
      stopGraceMs: 1000,
      keepJobsMs: day,
      keepOutputBytes: 2 ** 30,
      artifactBytes: 0,
      artifactFiles: 0,
    },
    report: { jobStarted: () => {}, jobEnded: () => {}, fault: () => {} },
  });
  const job = sampleJob({
    state: "preparing",
    spec: { command: "fake", args: ["run-for=5ms"], resultFile: "result.json" },
  });
  job.handle = engine.handleFor(job.id);
  await store.jobs.insert({ job, inputs: noInputs, idempotency: null });

  const goingDown = new AbortController();
  const run = { jobId: job.id, onChange: () => {}, revisit: () => {} };
  const closing = withReadFile(engine, async () => {
    goingDown.abort(new Error("going down"));
    return null;
  });
  await expect(runJob(context(closing), { ...run, fresh: true, signal: goingDown.signal })).rejects.toThrow(
    "going down",
  );
  await runJob(context(engine), { ...run, fresh: false, signal: new AbortController().signal });
  const ended = await store.jobs.get(job.id);
  expect(ended?.state).toBe("succeeded");
  expect(ended?.usage.wallMs).toBeGreaterThanOrEqual(5);
  const types = (await store.events.list(job.id, 0)).map(({ type }) => type);
  expect(types).toEqual(["queued", "preparing", "running", "succeeded"]);
});

/** The engine as it is, but for one thing that it does. */
function withReadFile(engine: Engine, readFile: Engine["readFile"]): Engine {
  return new Proxy(engine, {
    get(target, name) {
      if (name === "readFile") return readFile;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
