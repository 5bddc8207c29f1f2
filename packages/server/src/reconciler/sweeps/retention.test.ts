import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serverAudit } from "../../../test/support/sample-audit.ts";
import { noInputs, sampleJob } from "../../../test/support/sample-job.ts";
import { type TempFolder, tempFolder } from "../../../test/support/temp-folder.ts";
import type { ArtifactStore } from "../../artifacts/artifact-store.ts";
import { createFileArtifactStore } from "../../artifacts/files/file-artifact-store.ts";
import { collectFiles } from "../../engines/local/work/collect.ts";
import { newId } from "../../lib/ids.ts";
import { createManualClock } from "../../lib/manual-clock.ts";
import { createFileLogStore } from "../../logs/files/file-log-store.ts";
import type { LogStore } from "../../logs/log-store.ts";
import { openSqliteStore } from "../../store/sqlite/open.ts";
import type { Store } from "../../store/store.ts";
import type { ReconcilerContext } from "../context.ts";
import { sweepRetention } from "./retention.ts";

const MIB = 2 ** 20;
const day = 24 * 3600_000;
const never = new AbortController().signal;
vi.setConfig({ testTimeout: 60_000 });
let folder: TempFolder;
let store: Store;
let logs: LogStore;
let artifacts: ArtifactStore;
let faults: string[];

beforeEach(async () => {
  folder = tempFolder();
  store = await openSqliteStore({ path: join(folder.path, "berth.db") });
  logs = createFileLogStore({ root: join(folder.path, "logs") });
  artifacts = createFileArtifactStore({ root: join(folder.path, "artifacts") });
  faults = [];
});
afterEach(async () => {
  for (const part of [logs, store, folder]) await part[Symbol.asyncDispose]();
});

const sweep = (settings: Partial<ReconcilerContext["settings"]>, parts: Partial<ReconcilerContext> = {}) =>
  sweepRetention(
    {
      store,
      audit: serverAudit,
      logs,
      artifacts,
      engines: new Map(),
      clock: createManualClock(10 * day),
      settings: {
        stopGraceMs: 1000,
        keepJobsMs: 100 * day,
        keepOutputBytes: 2 ** 40,
        artifactBytes: 4 * 2 ** 30,
        artifactFiles: 100,
        ...settings,
      },
      report: { jobStarted: () => {}, jobEnded: () => {}, fault: (what) => void faults.push(what) },
      ...parts,
    },
    never,
  );

/** A job that has ended `at`, with so much output and the artifacts that `make` leaves in its folder. */
async function ended(at: number, { owner = "ann", output = 0, make }: Partial<Left> = {}): Promise<string> {
  const id = await insert({ owner });
  await store.jobs.transition(id, "succeeded", { at, endedAt: at });
  const { stdout } = await logs.create(id);
  if (output > 0) appendFileSync(stdout, Buffer.alloc(output, "x"));
  if (make) await keepArtifacts(id, make);
  return id;
}

interface Left {
  owner: string;
  output: number;
  make: (work: string) => void;
}

async function insert(named: Parameters<typeof sampleJob>[0]): Promise<string> {
  const job = sampleJob({ state: "preparing", ...named });
  await store.jobs.insert({ job, inputs: noInputs, idempotency: null });
  return job.id;
}

/** As the reconciler does with the engine of this host. */
async function keepArtifacts(id: string, make: (work: string) => void): Promise<number> {
  const work = join(folder.path, `work-${id}`);
  mkdirSync(work);
  make(work);
  const into = await artifacts.prepare(id);
  const kept = await collectFiles(work, { paths: ["**"], into, maxBytes: 2 ** 42, maxFiles: 20_000 });
  const { artifacts: items, skipped, heldBytes } = kept;
  return await artifacts.save(id, { items, skipped }, { heldBytes });
}

async function left(ids: readonly string[]): Promise<boolean[]> {
  return await Promise.all(ids.map(async (id) => (await store.jobs.get(id)) !== null));
}

describe("a finished job", () => {
  it("is forgotten at its age, with its output and its artifacts, and no younger one with it", async () => {
    const make = (work: string): void => writeFileSync(join(work, "a"), "kept");
    const ids = [
      await ended(2 * day, { output: 10, make }),
      await ended(3 * day + 1, { output: 10, make }),
    ] as const;
    await sweep({ keepJobsMs: 7 * day });
    expect(await left(ids)).toEqual([false, true]);
    expect((await artifacts.list(ids[0])).items).toEqual([]);
    expect((await artifacts.list(ids[1])).items).toHaveLength(1);
    expect([await logs.sizes(ids[0]), existsSync(join(folder.path, "logs", ids[0]))]).toEqual([
      { stdout: 0, stderr: 0 },
      false,
    ]);
  });

  it("goes by its age however many others go with it", async () => {
    const ids = await Promise.all(Array.from({ length: 120 }, (_, n) => ended(n)));
    await sweep({ keepJobsMs: day });
    expect((await left(ids)).filter(Boolean)).toEqual([]);
  });

  it("whose files cannot be removed keeps no other, and its files go with the next look", async () => {
    const ids = [await ended(1, { output: 10 }), await ended(2, { output: 10 })] as const;
    const failing: LogStore = Object.create(logs, {
      delete: {
        value: (id: string) => (id === ids[0] ? Promise.reject(new Error("busy")) : logs.delete(id)),
      },
      list: { value: () => logs.list() },
    }) as LogStore;
    await sweep({ keepJobsMs: day }, { logs: failing });
    expect(await left(ids)).toEqual([false, false]);
    expect(faults.length).toBeGreaterThan(0);
    expect(existsSync(join(folder.path, "logs", ids[0]))).toBe(true);
    await sweep({ keepJobsMs: day });
    expect(existsSync(join(folder.path, "logs", ids[0]))).toBe(false);
  });
});

it("looks through a long history a page at a time, with turns for others between them", async () => {
  await Promise.all(Array.from({ length: 350 }, (_, n) => ended(n)));
  let turn = 0;
  const turns: number[] = [];
  const finished: Store["jobs"]["finished"] = async (options) => {
    const jobs = await store.jobs.finished(options);
    turns.push(turn);
    setImmediate(() => void (turn += 1));
    return jobs;
  };
  const jobs = Object.assign(Object.create(store.jobs) as Store["jobs"], {
    finished,
    get: store.jobs.get.bind(store.jobs),
  });
  await sweep({}, { store: { ...store, jobs } });
  expect(turns.length).toBeGreaterThan(4);
  // The first page of the sizes follows the last of the ages.
  expect(new Set(turns.slice(1)).size).toBe(turns.length - 1);
});

describe("past what all may hold together", () => {
  it("the oldest jobs go, until it is no more than that", async () => {
    const make = (work: string): void => writeFileSync(join(work, "big"), Buffer.alloc(10 * MIB));
    const ids = [await ended(1, { make }), await ended(2, { make }), await ended(3, { make })];
    await sweep({ keepOutputBytes: 25 * MIB });
    expect(await left(ids)).toEqual([false, true, true]);
  });

  it("one owner's jobs never push out what others left: the oldest of whoever holds most goes first", async () => {
    const others = await Promise.all(
      Array.from({ length: 12 }, (_, n) => ended(n, { owner: `user-${n % 4}`, output: 100_000 })),
    );
    const greedy: string[] = [];
    for (let n = 0; n < 4; n += 1) greedy.push(await ended(100 + n, { owner: "greedy", output: 4 * MIB }));
    await sweep({ keepOutputBytes: 12 * MIB });
    expect(await left(others)).toEqual(others.map(() => true));
    expect(await left(greedy)).toEqual([false, false, true, true]);
  });

  it("nobody pays for what somebody else's running job holds", async () => {
    const own = await ended(1, { owner: "modest", output: MIB });
    const running = await insert({ owner: "greedy" });
    appendFileSync((await logs.create(running)).stdout, Buffer.alloc(20 * MIB));
    await sweep({ keepOutputBytes: 10 * MIB });
    expect(await left([own, running])).toEqual([true, true]);
  });

  it("holes of sparse artifacts count nothing, and what is kept of them has the holes still", async () => {
    const others = await Promise.all([ended(1, { owner: "bob" }), ended(2, { owner: "bob" })]);
    const make = (work: string): void => {
      writeFileSync(join(work, "sparse"), "");
      truncateSync(join(work, "sparse"), 2047 * MIB);
    };
    const sparse: string[] = [];
    for (let n = 0; n < 13; n += 1) sparse.push(await ended(10 + n, { owner: "ann", make }));
    await sweep({ keepOutputBytes: 10 * 2 ** 30 });
    expect(await left([...others, ...sparse])).toEqual(Array.from({ length: 15 }, () => true));
    const onDisk = execFileSync("du", ["-sk", join(folder.path, "artifacts")], { encoding: "utf8" });
    expect(Number.parseInt(onDisk, 10)).toBeLessThan(1024);
  });

  it("empty files and their folders count, as a disk has only so many", async () => {
    const make = (work: string): void => {
      for (let n = 0; n < 50; n += 1) {
        mkdirSync(join(work, `f${n}/a/b`), { recursive: true });
        writeFileSync(join(work, `f${n}/a/b/empty`), "");
      }
    };
    const others = await ended(1, { owner: "bob", output: 10_000 });
    const many = await ended(2, { make });
    const onDisk = execFileSync("du", ["-sk", join(folder.path, "artifacts")], { encoding: "utf8" });
    await sweep({ keepOutputBytes: Number.parseInt(onDisk, 10) * 1024 });
    expect(await left([others, many])).toEqual([true, false]);
  });

  it("specs and results count, which lie in the database", async () => {
    const others = await ended(1, { owner: "bob", output: 10_000 });
    const talkative: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const id = await insert({ owner: "ann" });
      await store.jobs.transition(id, "failed", {
        at: 10 + n,
        endedAt: 10 + n,
        resultJson: JSON.stringify("x".repeat(MIB)),
      });
      talkative.push(id);
    }
    await sweep({ keepOutputBytes: 2.5 * MIB });
    expect(await left([others, ...talkative])).toEqual([true, false, true, true]);
  });
});

describe("what belongs to no job", () => {
  it("is removed: output and artifacts alike, whole or half made; what a job that runs has stays", async () => {
    const running = await insert({});
    const [withOutput, withArtifacts, halfMade] = [newId(), newId(), newId()];
    for (const id of [running, withOutput]) appendFileSync((await logs.create(id)).stdout, "x");
    for (const id of [running, withArtifacts])
      await keepArtifacts(id, (work) => writeFileSync(join(work, "a"), "x"));
    writeFileSync(join(await artifacts.prepare(halfMade), "a"), "x");
    await sweep({});
    const places = (id: string): boolean[] =>
      [join("logs", id), join("artifacts", id), join("artifacts", `${id}.json`)].map((path) =>
        existsSync(join(folder.path, path)),
      );
    expect(places(running)).toEqual([true, true, true]);
    for (const id of [withOutput, withArtifacts, halfMade])
      expect([id, places(id)]).toEqual([id, [false, false, false]]);
  });
});
