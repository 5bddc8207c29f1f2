import { randomUUID } from "node:crypto";
import type { ArtifactList, Job, JobSpecInput, Quota } from "@berth/protocol";
import { isTerminal } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openServerBench, type ServerBench } from "../packages/server/test/support/server-bench.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";
import { shimsOf, subject as local } from "../packages/server/test/support/local-subject.ts";
import { childrenOf } from "../packages/server/test/support/leftovers.ts";
import { until } from "../packages/server/test/support/until.ts";

/**
 * The step boundaries of a job's life, in order. The fake engine is killed at two of them, and nobody is away long: the local one has
 * the same server before it at all. BERTH_TEST_STAGE_BOUNDARIES=all has both do everything.
 */
const steps = ["accepted", "prepared", "spawned", "running", "exited", "recorded"] as const;
const isWhole = process.env["BERTH_TEST_STAGE_BOUNDARIES"] === "all";
const killedAt = { fake: isWhole ? steps : (["accepted", "running"] as const), local: steps };
const longAbsences = [
  { absence: "at once", awayMs: 0 },
  { absence: "past that timeout", awayMs: 4000 },
];
const absences = { fake: isWhole ? longAbsences : longAbsences.slice(0, 1), local: longAbsences };
const awayAt = {
  fake: isWhole ? (["spawned", "running"] as const) : [],
  local: ["spawned", "running"] as const,
};

/** Jobs that tell by their output whether they ran, how often, and to which end. */
const jobs: Record<"fake" | "local", { count: JobSpecInput; stay: JobSpecInput; stubborn: JobSpecInput }> = {
  fake: {
    count: {
      command: "fake",
      args: ["print=begin", "save=count:1", "run-for=300ms", "print=end", "exit=3"],
      collect: ["count"],
    },
    stay: { command: "fake", args: ["print=begin", "run-for=4s", "print=end", "exit=3"] },
    stubborn: { command: "fake", args: ["ignore-term", "print=begin", "hang"] },
  },
  local: {
    count: {
      command: "sh",
      args: ["-c", "echo begin; echo 1 >>count; sleep 0.3; echo end; exit 3"],
      collect: ["count"],
    },
    stay: { command: "sh", args: ["-c", "echo begin; sleep 4; echo end; exit 3"] },
    stubborn: { command: "sh", args: ["-c", "trap '' TERM; echo begin; while :; do sleep 1000; done"] },
  },
};

const localIsMissing = await local.missing();
if (localIsMissing !== null) {
  console.log(`SKIPPED: all survival tests on the local engine, because ${localIsMissing}`);
}

describe("on the fake engine", () => {
  describeSurvival("fake");
});
describe.skipIf(localIsMissing !== null)("on the local engine", () => {
  describeSurvival("local");
  describeLostWatchers();
});

function describeSurvival(engine: "fake" | "local"): void {
  const { count, stay, stubborn } = jobs[engine];
  let bench: ServerBench;

  beforeEach(() => {
    bench = openServerBench(engine);
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  it.each(killedAt[engine])(
    "ABUSE 23, 24: a server killed once a job is %s runs that job once and keeps all it left",
    async (step) => {
      const key = randomUUID();
      const doomed = await bench.start({ crashAt: step });
      // The answer may be cut off with the server: the key makes it safe to ask again.
      await doomed.api.submit(count, { key }).catch(() => null);
      expect(await doomed.exit()).toEqual({ code: null, signal: "SIGKILL" });

      const server = await bench.start();
      const { id } = await server.api.submit(count, { key });
      const ended = await server.api.end(id);
      expect(ended).toMatchObject({ state: "failed", exitCode: 3, cause: { code: "exit" } });
      expect(await server.api.output(id)).toBe("begin\nend\n");
      expect(await server.api.artifacts(id)).toEqual(["count"]);
      expect(await readArtifact(server, { id, path: "count" })).toMatch(/^1\n?$/);
      await expectOneEnd(server, ended);
      expect(await server.api.jobs()).toHaveLength(1);
      await bench.untilCleanedUp(id);
      // Counted once: with the job all of it goes.
      expect(await storedBytesOf(server, ended.owner)).toBeGreaterThanOrEqual(await leftBytesOf(server, id));
      expect((await server.api.request(`/api/v1/jobs/${id}`, { method: "DELETE" })).ok).toBe(true);
      expect(await storedBytesOf(server, ended.owner)).toBe(0);
    },
  );

  it.each(absences[engine])(
    "ABUSE 8, 24: a server killed in the moment of a start, and back $absence, keeps the job to its run timeout",
    async ({ awayMs }) => {
      const doomed = await bench.start({ crashAt: "spawned" });
      const key = randomUUID();
      const spec = { ...stubborn, timeouts: { run: "2s" } };
      const before = Date.now();
      await doomed.api.submit(spec, { key }).catch(() => null);
      await doomed.exit();
      const back = Date.now() + awayMs;
      await until(() => Date.now() >= back, { what: "the end of the absence" });
      const server = await bench.start();
      const { id } = await server.api.submit(spec, { key });
      const ended = await server.api.end(id);
      expect(ended).toMatchObject({ state: "failed", cause: { code: "run_timeout" } });
      expect(ended.usage.wallMs).toBeGreaterThanOrEqual(2000);
      const events = await server.api.events(id);
      expect(events.map(({ type }) => type)).toEqual([
        "queued",
        "preparing",
        "running",
        "stopping",
        "failed",
      ]);
      // As it was, not as it was found.
      const startedAt = Date.parse(events[2]?.at ?? "");
      expect(startedAt).toBeGreaterThanOrEqual(before);
      expect(startedAt).toBeLessThanOrEqual(back - awayMs);
      expect(ended.startedAt).toBe(events[2]?.at);
      await expectOneEnd(server, ended);
      await bench.untilCleanedUp(id);
    },
  );

  it.each(awayAt[engine])(
    "a job that ran and ended while the server killed at %s was away past its run timeout has ended by itself",
    async (crashAt) => {
      const doomed = await bench.start({ crashAt });
      const key = randomUUID();
      const spec = { ...count, timeouts: { run: "2s" } };
      await doomed.api.submit(spec, { key }).catch(() => null);
      await doomed.exit();
      const away = Date.now();
      await until(() => Date.now() >= away + 3000, { what: "the end of the absence" });
      const server = await bench.start();
      const { id } = await server.api.submit(spec, { key });
      const ended = await server.api.end(id);
      expect(ended).toMatchObject({ state: "failed", exitCode: 3, cause: { code: "exit" } });
      expect(Date.parse(ended.startedAt ?? "")).toBeLessThanOrEqual(away);
      const types = (await server.api.events(id)).map(({ type }) => type);
      expect(types).toEqual(["queued", "preparing", "running", "failed"]);
      await bench.untilCleanedUp(id);
    },
  );

  it("ABUSE 24: a server killed again and again while many jobs run loses none of them", async () => {
    let server = await bench.start();
    const submitted = await Promise.all(Array.from({ length: 12 }, () => server.api.submit(stay)));
    for (let round = 0; round < 3; round++) {
      await server.kill();
      server = await bench.start();
    }
    for (const { id } of submitted) {
      const ended = await server.api.end(id);
      expect(ended).toMatchObject({ state: "failed", exitCode: 3 });
      expect(await server.api.output(id)).toBe("begin\nend\n");
      await expectOneEnd(server, ended);
      await bench.untilCleanedUp(id);
    }
  });

  it("ABUSE 24: a server killed while it stops a job stops it after the restart", async () => {
    const doomed = await bench.start();
    const { id } = await doomed.api.submit(stubborn);
    await until(async () => (await doomed.api.output(id)) === "begin\n", { what: "the job at work" });
    // Accepted means stored: the kill may come before anything was done about it.
    await doomed.api.stop(id, "1s");
    await doomed.kill();

    const server = await bench.start();
    const ended = await server.api.end(id);
    expect(ended).toMatchObject({ state: "canceled", cause: { code: "stopped" } });
    await expectOneEnd(server, ended);
    await bench.untilCleanedUp(id);
  });

  it("a server told to end leaves its jobs running, and the next one takes them up", async () => {
    const first = await bench.start();
    const { id } = await first.api.submit(stay);
    await until(async () => (await first.api.output(id)) === "begin\n", { what: "the job at work" });
    expect(await first.terminate()).toEqual({ code: 0, signal: null });

    const second = await bench.start();
    // Its first word may be there before its start is recorded: then the next server records it. Where that was long in
    // coming the job has ended.
    const isTakenUp = async (): Promise<boolean> =>
      ["running", "failed"].includes((await second.api.job(id)).state);
    await until(isTakenUp, { what: "the job taken up" });
    expect(await second.api.end(id)).toMatchObject({ state: "failed", exitCode: 3 });
    expect(await second.api.output(id)).toBe("begin\nend\n");
    await bench.untilCleanedUp(id);
    await second.api.delete(id);
    expect(await second.terminate()).toEqual({ code: 0, signal: null });
  });
}

/** The processes that the local engine puts between the server and its jobs die as well. */
function describeLostWatchers(): void {
  const { count, stay, stubborn } = jobs.local;
  let bench: ServerBench;
  let server: ServerProcess;

  beforeEach(async () => {
    bench = openServerBench("local");
    server = await bench.start();
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  async function submitAtWork(spec: JobSpecInput): Promise<string> {
    const { id } = await server.api.submit(spec);
    await until(async () => (await server.api.output(id)) === "begin\n", { what: "the job at work" });
    return id;
  }

  it("a job whose shim is killed is lost, and its tree gone", async () => {
    const id = await submitAtWork(stubborn);
    killAll(shimsOf(id));
    const ended = await server.api.end(id);
    expect(ended).toMatchObject({ state: "lost", cause: { code: "lost" }, exitCode: null });
    await expectOneEnd(server, ended);
    await bench.untilCleanedUp(id);
  });

  it("a job whose shim is killed while the server is away is lost, and its tree gone", async () => {
    const id = await submitAtWork(stubborn);
    await server.kill();
    killAll(shimsOf(id));
    server = await bench.start();
    expect(await server.api.end(id)).toMatchObject({ state: "lost", cause: { code: "lost" } });
    await bench.untilCleanedUp(id);
  });

  it("a killed spawner takes no running job along, and is replaced", async () => {
    const id = await submitAtWork(stay);
    killAll(childrenOf(server.pid));
    const next = await server.api.submit(count);
    expect(await server.api.end(next.id)).toMatchObject({ state: "failed", exitCode: 3 });
    expect(await server.api.end(id)).toMatchObject({ state: "failed", exitCode: 3 });
    expect(await server.api.output(id)).toBe("begin\nend\n");
    await bench.untilCleanedUp(id);
  });
}

function killAll(found: readonly number[]): void {
  if (found.length === 0) throw new Error("Cannot kill the engine's process: it is not there");
  for (const pid of found) process.kill(pid, "SIGKILL");
}

async function readArtifact(
  server: ServerProcess,
  { id, path }: { id: string; path: string },
): Promise<string> {
  return (await server.api.request(`/api/v1/jobs/${id}/artifacts/${path}`)).text();
}

/** What its quota says that an owner keeps. */
async function storedBytesOf(server: ServerProcess, owner: string): Promise<number> {
  const path = `/api/v1/quotas/${owner}`;
  const headers = { "content-type": "application/json" };
  const set = await server.api.request(path, { method: "PUT", headers, body: '{"storedBytes":"1Gi"}' });
  expect(set.status).toBe(200);
  const { used } = (await (await server.api.request(path)).json()) as Quota;
  return used.storedBytes;
}

/** What a job has left, by what it shows. */
async function leftBytesOf(server: ServerProcess, id: string): Promise<number> {
  const { items } = (await (await server.api.request(`/api/v1/jobs/${id}/artifacts`)).json()) as ArtifactList;
  const { usage } = await server.api.job(id);
  return items.reduce((sum, { size }) => sum + size, usage.outputBytes);
}

/** Exactly one terminal event, the last of them, and it is the state that the job shows. */
async function expectOneEnd(server: ServerProcess, { id, state }: Job): Promise<void> {
  const types = (await server.api.events(id)).map(({ type }) => type);
  const ends = types.filter((type) => type !== "extended" && isTerminal(type));
  expect(ends).toEqual([state]);
  expect(types.at(-1)).toBe(state);
  expect(new Set(types).size).toBe(types.length);
}
