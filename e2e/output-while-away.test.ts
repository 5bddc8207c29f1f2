import { type Job, type JobSpecInput, outputFramesType } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseFrames } from "../packages/server/test/support/parse-frames.ts";
import { subject as local, shimsOf } from "../packages/server/test/support/local-subject.ts";
import { openServerBench, type ServerBench } from "../packages/server/test/support/server-bench.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";
import { until } from "../packages/server/test/support/until.ts";

const missing = await local.missing();
if (missing !== null) console.log(`SKIPPED: the output of jobs while the server is away, because ${missing}`);

const shell = (script: string): JobSpecInput => ({ command: "sh", args: ["-c", script] });

describe.skipIf(missing !== null)("while the server is away, a job's output", () => {
  let bench: ServerBench;
  beforeEach(() => {
    bench = openServerBench("local");
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  /** Submits a job that prints `begin`, and kills the server as soon as it has. */
  async function startAndLeave(spec: JobSpecInput): Promise<string> {
    const server = await bench.start();
    const { id } = await server.api.submit(spec);
    await until(async () => (await server.api.output(id)).startsWith("begin\n"), {
      what: "the job's first line",
    });
    await server.kill();
    return id;
  }

  const untilItHasEnded = (id: string): Promise<unknown> =>
    until(() => shimsOf(id).length === 0, { what: "the end of the job" });

  interface Read {
    job: Job;
    frames: { stream: string; at: number; text: string }[];
    stdout: string;
    stderr: string;
  }

  async function read(server: ServerProcess, id: string): Promise<Read> {
    const job = await server.api.end(id);
    const headers = { accept: outputFramesType };
    const answer = await server.api.request(`/api/v1/jobs/${id}/output?stream=all&follow=true`, { headers });
    const frames = parseFrames(Buffer.from(await answer.arrayBuffer()))
      .filter(({ kind }) => kind === "stdout" || kind === "stderr")
      .map(({ kind, at, data }) => ({ stream: kind, at: at ?? 0, text: data.toString() }));
    return {
      job,
      frames,
      stdout: await server.api.output(id),
      stderr: await server.api.output(id, "stderr"),
    };
  }

  it("is all there afterwards, in its order, with the times of the writing", async () => {
    const lines =
      "for n in 1 2 3; do sleep 0.3; echo $n; sleep 0.3; echo $n | tee /dev/stderr >/dev/stdout; done";
    const big = "head -c 300000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero | tr '\\0' y >/dev/stderr";
    const id = await startAndLeave(shell(`echo begin; sleep 0.5; ${lines}; ${big}; echo end; exit 3`));
    await untilItHasEnded(id);
    const back = Date.now();
    const { job, frames, stdout, stderr } = await read(await bench.start(), id);
    expect(job).toMatchObject({ state: "failed", exitCode: 3, cause: { code: "exit" } });
    expect(stdout).toBe(`begin\n1\n1\n2\n2\n3\n3\n${"x".repeat(300_000)}end\n`);
    expect(stderr).toBe(`1\n2\n3\n${"y".repeat(300_000)}`);
    const join = (stream: string): string =>
      frames
        .filter((frame) => frame.stream === stream)
        .map(({ text }) => text)
        .join("");
    expect([join("stdout"), join("stderr")]).toEqual([stdout, stderr]);
    for (const { at } of frames) expect(at).toBeLessThan(back);
    const times = [...new Set(frames.map(({ at }) => at))];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    // Six pauses of 300 ms each.
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1800);
  });

  it("ends it at the limit, to the byte, and the next server knows why", async () => {
    const flood = shell("echo begin; sleep 1; head -c 10000000 /dev/zero; sleep 60");
    const id = await startAndLeave({ ...flood, output: { limit: 100_000 } });
    await untilItHasEnded(id);
    const back = Date.now();
    const { job, stdout } = await read(await bench.start(), id);
    expect(job).toMatchObject({
      state: "failed",
      cause: { code: "output_limit", evidence: { stream: "stdout" } },
    });
    expect(Date.parse(job.endedAt ?? "")).toBeLessThan(back);
    expect(stdout).toBe(`begin\n${"\0".repeat(99_994)}`);
  });

  it("is counted past the limit, where that is discarded", async () => {
    const flood = shell("echo begin; sleep 1; head -c 9999994 /dev/zero; head -c 5 /dev/zero >&2");
    const id = await startAndLeave({ ...flood, output: { limit: 100_000, overflow: "discard" } });
    await untilItHasEnded(id);
    const { job, stdout } = await read(await bench.start(), id);
    expect(job).toMatchObject({
      state: "succeeded",
      usage: { outputBytes: 100_005, outputDropped: 9_900_000 },
    });
    expect(stdout).toHaveLength(100_000);
  });

  it("keeps the idle timeout away, and its want counts", async () => {
    const chatty = shell("echo begin; for n in $(seq 35); do sleep 0.4; echo $n; done");
    const quiet = shell("echo begin; sleep 60");
    const first = await bench.start();
    const talks = await first.api.submit({ ...chatty, timeouts: { idle: "6s" } });
    const says = await first.api.submit({ ...quiet, timeouts: { idle: "8s" } });
    await until(async () => (await first.api.output(says.id)) === "begin\n", {
      what: "the quiet job's only line",
    });
    await first.kill();
    const away = Date.now();
    await until(() => Date.now() >= away + 8000, { what: "the end of the absence" });
    const server = await bench.start();
    const later = await server.api.submit({ ...quiet, timeouts: { idle: "4s" } });
    const ends = await Promise.all([says, later].map(({ id }) => server.api.end(id)));
    expect(ends).toMatchObject(ends.map(() => ({ state: "failed", cause: { code: "idle_timeout" } })));
    // Its want counted while nobody was there: it is stopped when it is taken up. Counted from then on, it would outlive one
    // of half its patience that came after it.
    const [saysStopped = "", laterStopped = ""] = await Promise.all(
      [says, later].map(
        async ({ id }) => (await server.api.events(id)).find(({ type }) => type === "stopping")?.at,
      ),
    );
    expect([saysStopped, laterStopped].toSorted()[0]).toBe(saysStopped);
    expect(await server.api.end(talks.id)).toMatchObject({ state: "succeeded" });
  });
});
