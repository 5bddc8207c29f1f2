import type { JobState } from "@berth/protocol";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import { Writer } from "../src/store/sqlite/writer.ts";
import { lockDataDir } from "../src/store/data-dir-lock.ts";
import { noInputs, sampleJob } from "./support/sample-job.ts";
import { startProgram } from "./support/start-program.ts";
import { StoreBench } from "./support/store-bench.ts";
import { tempFolder } from "./support/temp-folder.ts";

const writer = new URL("support/store-writer.ts", import.meta.url);
const onFullDisk = new URL("support/store-on-full-disk.ts", import.meta.url);
const commitsOnFullDisk = new URL("support/commits-on-full-disk.ts", import.meta.url);
const lockHolder = new URL("support/lock-holder.ts", import.meta.url);

const order: JobState[] = ["queued", "preparing", "running", "succeeded"];
const isRoot = process.getuid?.() === 0;
if (!isRoot)
  console.log("SKIPPED: the store on a full disk, because only root can mount a small file system");

/** Everything about a job that was written together must be there together. */
async function halfThere({ store }: StoreBench, id: string): Promise<string | null> {
  const job = await store.jobs.get(id);
  if (job === null) return `${id} is missing`;
  const events = (await store.events.list(id, 0)).map(({ type }) => type);
  const wanted = order.slice(0, order.indexOf(job.state) + 1);
  if (events.join() !== wanted.join()) return `${id} is ${job.state} and has events ${events.join()}`;
  const { files, stdin } = await store.jobs.inputs(id);
  if (files[0]?.content.length !== 5000 || stdin?.length !== 1) return `${id} lacks inputs`;
  const idempotency = { key: job.handle ?? "", requestHash: "h" };
  const replay = await store.jobs.insert({ job: sampleJob(), inputs: noInputs, idempotency });
  return replay.kind === "replayed" && replay.job.id === id ? null : `${id} lacks its key`;
}

describe("ABUSE 24: a server killed while it writes", () => {
  it("has lost nothing it acknowledged, and left no job half stored", async () => {
    await using folder = tempFolder();
    const path = join(folder.path, "berth.db");
    const acknowledged = new Map<string, JobState>();
    for (const writes of [1, 50, 333, 1000, 2500]) {
      await using program = startProgram(writer, [path]);
      let seen = 0;
      for await (const line of program.lines) {
        const [id = "", state] = line.split(" ");
        acknowledged.set(id, state as JobState);
        // Lines printed before the kill are read to the end: each is a promise.
        if ((seen += 1) === writes) void program.kill();
      }
      await using store = await openSqliteStore({ path });
      const behind = [];
      for (const [id, state] of acknowledged) {
        const stored = (await store.jobs.get(id))?.state ?? "queued";
        if (order.indexOf(stored) < order.indexOf(state))
          behind.push(`${id}: ${stored}, but ${state} was acknowledged`);
      }
      expect(behind).toEqual([]);
    }
    await using store = await openSqliteStore({ path });
    const bench = new StoreBench(store);
    const labelled = (await bench.pages({ labels: [{ key: "two", value: "2" }], limit: 200 })).flat();
    const all = (await bench.pages({ limit: 200 })).flat();
    expect(labelled.length).toBeGreaterThanOrEqual(acknowledged.size);
    expect(labelled).toEqual(all);
    const broken = [];
    for (const id of all) broken.push(await halfThere(bench, id));
    expect(broken.filter((problem) => problem !== null)).toEqual([]);
  });
});

describe.skipIf(!isRoot)("ABUSE 13: a full disk", () => {
  it("fails writes with STORAGE_FAILED, keeps what was stored, and goes on when there is room", async () => {
    await using folder = tempFolder();
    await using program = startProgram(onFullDisk, [folder.path], ["unshare", "--mount"]);
    const lines = [];
    for await (const line of program.lines) lines.push(line);
    const report = JSON.parse(lines.join("")) as { stored: number; folder: string };
    expect(report.stored).toBeGreaterThan(100);
    expect(report).toStrictEqual({
      folder: folder.path,
      stored: report.stored,
      codes: ["STORAGE_FAILED"],
      refusedAgain: expect.stringMatching(/^Cannot write to database ".*berth\.db": the disk /) as string,
      readWhileFull: report.stored,
      readable: "succeeded",
      missing: [],
      kept: report.stored,
    });
  });

  // Soon after the start, and where the log has been put back into the database a few times and is filled up again.
  it.each([450, 1000])(
    "leaves room for more than a hundred commits where it fills after %i",
    async (before) => {
      await using folder = tempFolder();
      const args = [folder.path, String(before)];
      await using program = startProgram(commitsOnFullDisk, args, ["unshare", "--mount"]);
      const lines = [];
      for await (const line of program.lines) lines.push(line);
      expect(lines).toEqual(["150"]);
    },
  );
});

describe("a writer thread that dies", () => {
  it("fails the write that it had, and the next write starts another", async () => {
    await using folder = tempFolder();
    const path = join(folder.path, "berth.db");
    await (await openSqliteStore({ path }))[Symbol.asyncDispose]();
    const threads = [new URL("support/dying-thread.ts", import.meta.url)];
    const real = new URL("../src/store/sqlite/writer-thread.ts", import.meta.url);
    await using thread = await Writer.open(path, { threadFile: () => threads.pop() ?? real });
    const write = (id: number) => {
      const query = { sql: "INSERT INTO probe VALUES (?, 7) RETURNING id", parameters: [id] };
      return thread.write([{ query, returns: true }]);
    };
    await expect(write(1)).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      message: `Cannot write to database "${path}": the writer thread has ended`,
      cause: { message: "dying as told" },
    });
    expect(await Promise.all([write(2), write(3)])).toEqual([
      { done: true, rows: [[{ id: 2 }]] },
      { done: true, rows: [[{ id: 3 }]] },
    ]);
  });
});

describe("opening a database", () => {
  const open = (path: string): Promise<unknown> => openSqliteStore({ path });

  it("finds after a restart what was stored before it", async () => {
    await using folder = tempFolder();
    const path = join(folder.path, "berth.db");
    const first = await openSqliteStore({ path });
    const job = await new StoreBench(first).insertIn("succeeded", { labels: { a: "b" } });
    await first[Symbol.asyncDispose]();
    await using second = await openSqliteStore({ path });
    expect(await second.jobs.get(job.id)).toStrictEqual(job);
    expect(await second.jobs.counts()).toMatchObject({ succeeded: 1, queued: 0 });
  });

  it("stores every write that was asked for before it is closed, and none after", async () => {
    await using folder = tempFolder();
    const path = join(folder.path, "berth.db");
    const store = await openSqliteStore({ path });
    const bench = new StoreBench(store);
    const writes = Array.from({ length: 1000 }, () => bench.insert());
    const closed = store[Symbol.asyncDispose]();
    await expect(bench.insert()).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
    await closed;
    const jobs = await Promise.all(writes);
    await expect(store.jobs.get(jobs[0]?.id ?? "")).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
    await using again = await openSqliteStore({ path });
    expect((await again.jobs.counts()).queued).toBe(1000);
  });

  it("refuses one that a newer Berth has written", async () => {
    await using folder = tempFolder();
    const path = join(folder.path, "berth.db");
    await (await openSqliteStore({ path }))[Symbol.asyncDispose]();
    const database = new DatabaseSync(path);
    database.exec("INSERT INTO kysely_migration VALUES ('9999-future', '2030')");
    database.close();
    await expect(open(path)).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      message: `Cannot open database "${path}": a newer Berth has written it (migration "9999-future")`,
      fix: "Start the version that has written it, or a later one; to go back, restore the copy from before the upgrade",
    });
  });

  it("refuses a file that is no database", async () => {
    await using folder = tempFolder();
    const path = join(folder.path, "berth.db");
    writeFileSync(path, "this is not a database, by far ".repeat(200));
    await expect(open(path)).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      message: `Cannot open database "${path}": the file is not a database`,
    });
  });

  it("says when its folder does not exist, or is a file", async () => {
    await using folder = tempFolder();
    const path = join(folder.path, "missing", "berth.db");
    await expect(open(path)).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      message: `Cannot open database "${path}": its folder does not exist`,
    });
    await expect(open(folder.path)).rejects.toMatchObject({ code: "STORAGE_FAILED" });
  });

  it("says when its folder may not be written", async () => {
    // Nobody can make a file here, not even root.
    await expect(open("/sys/berth.db")).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      message: expect.stringMatching(
        /its folder or file may not be written|its file system is read-only/,
      ) as string,
    });
  });
});

describe("the data folder", () => {
  it("belongs to one server of this process at a time", async () => {
    await using folder = tempFolder();
    const dir = join(folder.path, "new", "data");
    const first = await lockDataDir(dir);
    await expect(lockDataDir(dir)).rejects.toMatchObject({
      code: "DATA_FOLDER_IN_USE",
      message: `Cannot use data folder "${dir}": another server (pid ${process.pid}) is using it`,
    });
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await using _ = await lockDataDir(dir);
  });

  it("belongs to one process, and is free at once when that is killed", async () => {
    await using folder = tempFolder();
    for (let round = 0; round < 3; round += 1) {
      await using holder = startProgram(lockHolder, [folder.path]);
      for await (const line of holder.lines) {
        expect(line).toBe("locked");
        break;
      }
      await expect(lockDataDir(folder.path)).rejects.toThrow(
        `another server (pid ${holder.pid}) is using it`,
      );
      await holder.kill();
      await (await lockDataDir(folder.path))[Symbol.asyncDispose]();
    }
  });

  it("says why it cannot be used", async () => {
    await using folder = tempFolder();
    const file = join(folder.path, "file");
    writeFileSync(file, "");
    await expect(lockDataDir(file)).rejects.toMatchObject({ code: "STORAGE_FAILED" });
  });
});
