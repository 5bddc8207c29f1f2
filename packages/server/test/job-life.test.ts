import { setTimeout as delay } from "node:timers/promises";
import type { Job, JobSpecInput } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startInProcessServer, type InProcessServer } from "./support/in-process-server.ts";
import { until } from "./support/until.ts";

const fake = (...args: string[]): JobSpecInput => ({ command: "fake", args });

/** How a job can end, and what its owner is told. */
const ends: readonly {
  spec: JobSpecInput;
  state: string;
  code: string;
  exitCode?: number | null;
  signal?: string;
  usage?: Partial<Job["usage"]>;
}[] = [
  { spec: fake("exit=0"), state: "succeeded", code: "exit", exitCode: 0 },
  { spec: fake("exit=137"), state: "failed", code: "exit", exitCode: 137 },
  { spec: fake("signal=SIGSEGV"), state: "failed", code: "signal", exitCode: null, signal: "SIGSEGV" },
  { spec: { ...fake("use-memory=1Gi"), resources: { memory: "64Mi" } }, state: "failed", code: "oom" },
  {
    spec: { ...fake("save-bytes=big:2Mi", "hang"), resources: { disk: "1Mi" } },
    state: "failed",
    code: "disk_limit",
  },
  { spec: { ...fake("hang"), timeouts: { run: "50ms" } }, state: "failed", code: "run_timeout" },
  { spec: { ...fake("print=x", "hang"), timeouts: { idle: "50ms" } }, state: "failed", code: "idle_timeout" },
  { spec: { ...fake("use-cpu=1m"), timeouts: { cpu: "100ms" } }, state: "failed", code: "cpu_timeout" },
  {
    spec: { ...fake("start-takes=1m"), timeouts: { start: "50ms" } },
    state: "failed",
    code: "start_timeout",
  },
  { spec: { ...fake("bytes=1TiB"), output: { limit: "64KiB" } }, state: "failed", code: "output_limit" },
  {
    spec: { ...fake("bytes=1MiB"), output: { limit: "64KiB", overflow: "discard" } },
    state: "succeeded",
    code: "exit",
    usage: { outputBytes: 65_536, outputDropped: 15 * 65_536 },
  },
  { spec: fake("missing"), state: "failed", code: "command_failed" },
  { spec: fake("no-such-step"), state: "failed", code: "command_failed" },
  { spec: fake("fail-start=engine"), state: "failed", code: "engine_failed" },
  { spec: fake("fail-start=engine:2", "exit=0"), state: "succeeded", code: "exit" },
  { spec: fake("break=the disk is on fire"), state: "failed", code: "engine_failed" },
  { spec: fake("vanish"), state: "lost", code: "lost" },
];

describe("a job on a whole server", () => {
  let server: InProcessServer;

  beforeAll(async () => {
    server = await startInProcessServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each(ends)("of $spec.args ends as $state with cause $code", async ({ spec, state, code, ...more }) => {
    const { id } = await server.api.submit(spec);
    const ended = await server.api.end(id);
    expect(ended).toMatchObject({ state, cause: { code }, ...more });
    const types = (await server.api.events(id)).map(({ type }) => type);
    expect(types.at(0)).toMatch(/queued|preparing/);
    expect(types.at(-1)).toBe(state);
  });

  it("has its files, its input and its environment, and leaves output, result and artifacts", async () => {
    const { id } = await server.api.submit({
      ...fake(
        "show=in/data",
        "stdin",
        "env",
        "print-err=oops",
        'print=^JSON\n{"n":1}\n^JSON',
        "save=out/a.txt:A",
      ),
      files: { "in/data": "of a file\n" },
      stdin: { base64: Buffer.from("of stdin\n").toString("base64") },
      env: { NAME: "value" },
      collect: ["out/**"],
    });
    expect(await server.api.end(id)).toMatchObject({ state: "succeeded", result: { n: 1 } });
    expect(await server.api.output(id)).toMatch(/^of a file\nof stdin\n(.*\n)*NAME=value\n/);
    expect(await server.api.output(id, "stderr")).toBe("oops\n");
    expect(await server.api.artifacts(id)).toEqual(["out/a.txt"]);
  });

  it("says which patterns of `collect` nothing was kept of, and not those that something was", async () => {
    const collect = ["out/**", "*.csv", "missing", "link"];
    const { id } = await server.api.submit({
      ...fake("save=out/a.txt:A", "symlink=link:out/a.txt"),
      collect,
    });
    const { state, cause } = await server.api.end(id);
    expect(state).toBe("succeeded");
    const problems = String(cause?.evidence["problems"]).split("; ");
    const named = problems.map((problem) => /^Nothing was kept of `collect` "(.*)": ./.exec(problem)?.[1]);
    expect(named).toEqual(["*.csv", "missing", "link"]);
  });

  it("is told its own id, whatever its environment says of it", async () => {
    const { id } = await server.api.submit({
      ...fake("env"),
      env: { BERTH_JOB_ID: "another", HOME: "/tmp" },
    });
    await server.api.end(id);
    const lines = (await server.api.output(id)).split("\n");
    expect(lines.filter((line) => line.startsWith("BERTH_JOB_ID="))).toEqual([`BERTH_JOB_ID=${id}`]);
    expect(lines).toContain("HOME=/tmp");
  });

  it("that ignores TERM is killed after the grace, and was stopped for the one who asked", async () => {
    const { id } = await server.api.submit(fake("ignore-term", "print=begin", "hang"));
    await until(async () => (await server.api.output(id)) === "begin\n", { what: "the job at work" });
    await server.api.stop(id, "50ms");
    expect(await server.api.end(id)).toMatchObject({
      state: "canceled",
      cause: { code: "stopped", evidence: { by: "admin" } },
    });
  });

  it("has all the time that it was given, whenever in its first moments it was extended", async () => {
    const lives = Array.from({ length: 40 }, async (_, n) => {
      // Long enough that no busy host brings the extension after the end.
      const { id } = await server.api.submit({ ...fake("run-for=6s"), timeouts: { run: "5s" } });
      await delay(n);
      const body = JSON.stringify({ by: "10s" });
      const { status } = await server.api.request(`/api/v1/jobs/${id}/extend`, { method: "POST", body });
      const { state } = await server.api.end(id);
      const running = (await server.api.events(id)).find(({ type }) => type === "running");
      return { status, state, hasRun: running !== undefined };
    });
    for (const life of await Promise.all(lives))
      expect(life).toMatchObject({ status: 200, state: "succeeded", hasRun: true });
  });

  it("ABUSE 27: cannot run longer than a date can say, nor be extended to", async () => {
    const submit = (run: string) =>
      server.api.request("/api/v1/jobs", {
        method: "POST",
        body: JSON.stringify({ ...fake("hang"), timeouts: { run } }),
      });
    for (const run of ["100000000d", "104249991d", "3651d"]) expect((await submit(run)).status).toBe(400);
    const { id } = await server.api.submit({ ...fake("hang"), timeouts: { run: "3650d" } });
    const body = JSON.stringify({ by: "1ms" });
    const extended = await server.api.request(`/api/v1/jobs/${id}/extend`, { method: "POST", body });
    expect(extended.status).toBe(400);
    expect((await server.api.job(id)).id).toBe(id);
    await server.api.stop(id, "0s");
    await server.api.end(id);
  });

  it("ABUSE 25: that is stopped just when it ends has one end, whichever it was", async () => {
    const lives = Array.from({ length: 40 }, async (_, n) => {
      const { id } = await server.api.submit(fake(`run-for=${n}ms`, "exit=0"));
      // A stop that comes after the end is refused, and that is as good.
      await server.api.stop(id, "1s").catch(() => null);
      const { state } = await server.api.end(id);
      const again = await server.api.job(id);
      const types = (await server.api.events(id)).map(({ type }) => type);
      return {
        state,
        again: again.state,
        last: types.at(-1),
        ends: types.filter((type) => /succ|cancel|fail|lost/.test(type)),
      };
    });
    for (const { state, again, last, ends: all } of await Promise.all(lives)) {
      expect(["succeeded", "canceled"]).toContain(state);
      expect([again, last, all]).toEqual([state, state, [state]]);
    }
  });
});

describe("jobs on a server with one slot", () => {
  it("wait in the order in which they came, and are told why", async () => {
    await using server = await startInProcessServer({ BERTH_MAX_JOBS: "1" });
    const first = await server.api.submit(fake("print=begin", "hang"));
    const rest = [];
    for (let n = 0; n < 3; n++) rest.push(await server.api.submit(fake("exit=0")));
    const waiting = await Promise.all(rest.map(({ id }) => server.api.job(id)));
    expect(waiting.map(({ state }) => state)).toEqual(["queued", "queued", "queued"]);
    expect(waiting.map(({ cause }) => cause?.code)).toEqual([
      "waiting_for_slot",
      "waiting_for_turn",
      "waiting_for_turn",
    ]);
    await server.api.stop(first.id, "0s");
    const ended = await Promise.all(rest.map(({ id }) => server.api.end(id)));
    const starts = ended.map(({ startedAt }) => Date.parse(startedAt ?? ""));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });

  it("end in the queue where their wait in it is over, and leave the others their turn", async () => {
    await using server = await startInProcessServer({ BERTH_MAX_JOBS: "1" });
    const first = await server.api.submit(fake("hang"));
    const hasty = await server.api.submit({ ...fake("exit=0"), timeouts: { queue: "100ms" } });
    const patient = await server.api.submit({ ...fake("exit=0"), timeouts: { queue: "1h" } });
    expect(await server.api.end(hasty.id)).toMatchObject({
      state: "failed",
      startedAt: null,
      cause: { code: "queue_timeout", evidence: { limitMs: 100, setBy: "job" } },
    });
    expect((await server.api.events(hasty.id)).map(({ type }) => type)).toEqual(["queued", "failed"]);
    expect(await server.api.job(first.id)).toMatchObject({ state: "running" });
    await server.api.stop(first.id, "0s");
    expect((await server.api.end(patient.id)).state).toBe("succeeded");
  });

  it("are stopped in the queue without ever having run, and leave the others their turn", async () => {
    await using server = await startInProcessServer({ BERTH_MAX_JOBS: "1" });
    const first = await server.api.submit(fake("hang"));
    const unwanted = await server.api.submit(fake("exit=0"));
    const wanted = await server.api.submit(fake("exit=0"));
    await server.api.stop(unwanted.id, "1h");
    expect(await server.api.end(unwanted.id)).toMatchObject({
      state: "canceled",
      startedAt: null,
      cause: { code: "stopped", evidence: { by: "admin" } },
    });
    expect((await server.api.events(unwanted.id)).map(({ type }) => type)).toEqual(["queued", "canceled"]);
    expect((await server.api.job(first.id)).state).toMatch(/preparing|running/);
    await server.api.stop(first.id, "0s");
    expect((await server.api.end(wanted.id)).state).toBe("succeeded");
  });
});
