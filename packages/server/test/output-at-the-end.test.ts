import type { Job, JobSpecInput } from "@berth/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { hostIsV2 } from "./support/guest.ts";
import { type LocalServer, shell, startLocalServer } from "./support/local-server.ts";
import { largestWrite, randomWriter, writtenBytes } from "./support/random-writer.ts";
import { until } from "./support/until.ts";

const started = await startLocalServer("the last bytes of jobs that are ended");
afterAll(() => started?.[Symbol.asyncDispose]());

function server(): LocalServer {
  if (!started) throw new Error("skipped");
  return started;
}

const streams = ["stdout", "stderr"] as const;
/** BERTH_TEST_ROUNDS=1000 for as many lives as one likes: six at once, four in each of six ways unless it is given. */
const rounds = Number(process.env["BERTH_TEST_ROUNDS"] ?? 24);
const timeout = 300_000 + 2000 * rounds;

async function bytesOf(id: string, stream: (typeof streams)[number], query = ""): Promise<Buffer> {
  const answer = await server().api.request(`/api/v1/jobs/${id}/output?stream=${stream}${query}`);
  return Buffer.from(await answer.arrayBuffer());
}

interface Life {
  job: Job;
  /** What the writer knows to have written. */
  acked: Record<(typeof streams)[number], number>;
  output: Record<(typeof streams)[number], Buffer>;
}

/** A writer from its start to its end, with one follower; `meanwhile` may end it. */
async function live(spec: JobSpecInput, meanwhile?: (id: string) => Promise<unknown>): Promise<Life> {
  const { api } = server();
  const { id } = await api.submit(spec);
  const followed = Promise.all(streams.map((stream) => bytesOf(id, stream, "&follow=true")));
  try {
    await meanwhile?.(id);
  } catch (error) {
    // It would go on writing at full speed beside the tests that follow.
    await api.stop(id, "0s");
    throw error;
  }
  const job = await api.end(id);
  const [stdout = Buffer.alloc(0), stderr = Buffer.alloc(0)] = await followed;
  for (const [stream, live] of [
    ["stdout", stdout],
    ["stderr", stderr],
  ] as const) {
    expect((await bytesOf(id, stream)).equals(live)).toBe(true);
  }
  const answer = await api.request(`/api/v1/jobs/${id}/artifacts/acked`);
  const acked = answer.ok ? Buffer.from(await answer.arrayBuffer()) : Buffer.alloc(0);
  const counted = (at: number): number => (acked.length < 16 ? 0 : Number(acked.readBigUInt64LE(at)));
  await api.delete(id);
  return { job, acked: { stdout: counted(0), stderr: counted(8) }, output: { stdout, stderr } };
}

/** Every byte that the kernel had taken, none twice, none out of place. */
function expectWhole({ acked, output }: Life): void {
  for (const stream of streams) {
    const bytes = output[stream];
    expect(bytes.length).toBeGreaterThanOrEqual(acked[stream]);
    expect(bytes.length).toBeLessThanOrEqual(acked[stream] + largestWrite);
    expect(bytes.equals(writtenBytes(stream, bytes.length))).toBe(true);
  }
}

/** The beginning of what was written: all of it, or as much as the limit. */
function expectCut({ acked, output }: Life, limit: number): void {
  for (const stream of streams) {
    const bytes = output[stream];
    expect(bytes.length).toBeLessThanOrEqual(limit);
    expect(bytes.length).toBeGreaterThanOrEqual(Math.min(limit, acked[stream]));
    expect(bytes.equals(writtenBytes(stream, bytes.length))).toBe(true);
  }
}

const passed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(started === null)("what was written before a job's end", { timeout }, () => {
  it("is there when it is stopped, with what it says at that, also by name", async () => {
    const { api } = server();
    const { id } = await api.submit(
      shell(
        "trap 'echo bye >/dev/stderr; echo out | tee /dev/stderr; exit 7' TERM; echo ready; while :; do sleep 0.01; done",
      ),
    );
    await until(async () => (await api.output(id)) === "ready\n", { what: "the job at work" });
    await api.stop(id, "20s");
    expect(await api.end(id)).toMatchObject({ state: "canceled", exitCode: 7 });
    expect([await api.output(id), await api.output(id, "stderr")]).toEqual(["ready\nout\n", "bye\nout\n"]);
  });

  it("is there to the last byte when all is killed in the middle of it", async () => {
    const life = await live(randomWriter({ seed: 1, stubborn: true }), async (id) => {
      await until(async () => (await bytesOf(id, "stdout")).length > 1_000_000, {
        what: "some output",
      });
      await server().api.stop(id, "0s");
    });
    expect(life.job).toMatchObject({ state: "canceled", signal: "SIGKILL" });
    expect(life.acked.stdout).toBeGreaterThan(1_000_000);
    expectWhole(life);
  });

  it.skipIf(!hostIsV2())("is there to the last byte when the job's memory runs out", async () => {
    const spec = randomWriter({ seed: 2, pieces: 300, end: "memory" });
    const life = await live({ ...spec, resources: { memory: "64MiB" } });
    expect(life.job.cause?.code).toBe("oom");
    expect(life.acked.stdout + life.acked.stderr).toBeGreaterThan(100_000);
    expectWhole(life);
  });

  it("is cut at the limit to the byte and counted, where the rest is discarded", async () => {
    const limit = 1_234_567;
    const output = { limit, overflow: "discard" } as const;
    const life = await live({ ...randomWriter({ seed: 3, pieces: 2000, end: "exit 0" }), output });
    expectCut(life, limit);
    const { stdout, stderr } = life.acked;
    const usage = { outputBytes: 2 * limit, outputDropped: stdout + stderr - 2 * limit };
    expect(life.job).toMatchObject({ state: "succeeded", usage });
  });

  it("is cut at the limit to the byte, where that ends the job", async () => {
    const limit = 1_234_567;
    const life = await live({ ...randomWriter({ seed: 4 }), output: { limit } });
    expectCut(life, limit);
    const { state, cause } = life.job;
    expect([state, cause?.code]).toEqual(["failed", "output_limit"]);
    expect(life.output[cause?.evidence["stream"] === "stderr" ? "stderr" : "stdout"].length).toBe(limit);
    expect(cause?.evidence["bytes"]).toBeGreaterThan(limit);
  });

  it("is exactly as long as the limit without reaching it", async () => {
    const { job } = await server().run("head -c 65536 /dev/zero; head -c 65536 /dev/zero >&2", {
      output: { limit: "64KiB" },
    });
    expect(job).toMatchObject({ state: "succeeded", usage: { outputBytes: 131_072 } });
  });

  it("counts for the idle timeout also where it is discarded", async () => {
    const script = "head -c 2000 /dev/zero; for n in $(seq 16); do sleep 0.5; echo $n; done";
    const { job } = await server().run(script, {
      output: { limit: 1000, overflow: "discard" },
      timeouts: { idle: "5s" },
    });
    expect(job).toMatchObject({ state: "succeeded", usage: { outputBytes: 1000 } });
  });

  it("adds up over many lives that are ended at any moment in every way", async () => {
    const lives = inTurns(async (n) => {
      const delay = (n * 7919) % 90;
      const pieces = 1 + ((n * 104_729) % 900);
      const stopAfter = (grace: string) => (id: string) =>
        passed(delay).then(() => server().api.stop(id, grace));
      const ways = [
        () => live(randomWriter({ seed: n, stubborn: true }), stopAfter("0s")),
        () => live(randomWriter({ seed: n, stubborn: true }), stopAfter(`${delay}ms`)),
        () => live(randomWriter({ seed: n, pieces, end: "KILL" })),
        () => live(randomWriter({ seed: n, pieces, end: "exit 3" })),
        () => live(randomWriter({ seed: n }), stopAfter("10s")),
        () => live({ ...randomWriter({ seed: n }), timeouts: { run: `${100 + delay}ms` } }),
      ];
      expectWhole(await (ways[n % ways.length] ?? stopAndFail)());
    });
    await expect(lives).resolves.toBeUndefined();
  });

  it("is cut to the byte over many lives with a limit", async () => {
    const lives = inTurns(async (n) => {
      const limit = 1000 + ((n * 15_485_863) % 600_000);
      const pieces = 1 + ((n * 104_729) % 900);
      const overflow = n % 2 === 0 ? "stop" : "discard";
      expectCut(await live({ ...randomWriter({ seed: n, pieces }), output: { limit, overflow } }), limit);
    });
    await expect(lives).resolves.toBeUndefined();
  });
});

/** As many rounds as asked for, several at a time. */
async function inTurns(round: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < rounds; n = next++) await round(n);
  };
  await Promise.all(Array.from({ length: 6 }, worker));
}

function stopAndFail(): never {
  throw new Error("There is no such way");
}
