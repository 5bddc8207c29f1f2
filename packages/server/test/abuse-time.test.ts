import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { type LocalServer, shell, startLocalServer } from "./support/local-server.ts";
import { until } from "./support/until.ts";

const started = await startLocalServer("what jobs do that run too long");
afterAll(() => started?.[Symbol.asyncDispose]());

function server(): LocalServer {
  if (!started) throw new Error("skipped");
  return started;
}

describe.skipIf(started === null)("the time of a job", () => {
  it("ABUSE 8: a busy loop meets the limit of CPU time, a sleeping one that of running time", async () => {
    // However little of the host the busy one gets, it comes to its half second of CPU first.
    const busy = server().run("while :; do :; done", { timeouts: { cpu: "500ms", run: "50s" } });
    const asleep = server().run("while :; do sleep 0.1; done", { timeouts: { cpu: "500ms", run: "2s" } });
    expect((await busy).job).toMatchObject({ state: "failed", cause: { code: "cpu_timeout" } });
    expect((await asleep).job).toMatchObject({ state: "failed", cause: { code: "run_timeout" } });
    expect((await busy).job.cause?.evidence["usedMs"]).toBeGreaterThanOrEqual(500);
  });

  it("ABUSE 8: CPU time of many processes and of children long gone counts together", async () => {
    const many =
      "while :; do for n in 1 2 3 4; do head -c 20M /dev/zero | md5sum > /dev/null & done; wait; done";
    const { job } = await server().run(many, { timeouts: { cpu: "600ms", run: "20s" } });
    expect(job).toMatchObject({ cause: { code: "cpu_timeout" } });
  });
});

const day = 86_400_000;

describe.skipIf(started === null).each([
  { way: "forward", byMs: day },
  { way: "back", byMs: -day },
])("the time of a job while the clock is set $way by a day", ({ byMs }) => {
  afterEach(() => vi.restoreAllMocks());

  /** Sets the wall clock of this server, and of nothing else on the host, once the job has said its first word. */
  async function setClockWhile(script: string, timeouts: Record<string, string>): Promise<string> {
    const { api } = server();
    const { id } = await api.submit({ ...shell(`echo ready; ${script}`), timeouts });
    await until(async () => (await api.output(id)).startsWith("ready\n"), { what: "the job at work" });
    const real = Date.now.bind(Date);
    vi.spyOn(Date, "now").mockImplementation(() => real() + byMs);
    return id;
  }

  it("ABUSE 8: goes on where no timeout is due", async () => {
    const id = await setClockWhile("sleep 1", { run: "60s", idle: "60s", cpu: "60s" });
    expect(await server().api.end(id)).toMatchObject({ cause: { code: "exit" }, exitCode: 0 });
  });

  it("ABUSE 8: goes on where it is extended", async () => {
    const id = await setClockWhile("sleep 1", { run: "60s" });
    const body = JSON.stringify({ by: "60s" });
    const answer = await server().api.request(`/api/v1/jobs/${id}/extend`, { method: "POST", body });
    expect(answer.status).toBe(200);
    expect(await server().api.end(id)).toMatchObject({ cause: { code: "exit" }, exitCode: 0 });
  });

  it.each([
    { code: "run_timeout", timeouts: { run: "700ms" }, script: "sleep 1000" },
    { code: "idle_timeout", timeouts: { idle: "700ms" }, script: "sleep 1000" },
    { code: "cpu_timeout", timeouts: { cpu: "700ms" }, script: "while :; do :; done" },
  ])("ABUSE 8: meets $code all the same", async ({ code, timeouts, script }) => {
    const id = await setClockWhile(script, { ...timeouts });
    expect((await server().api.end(id)).cause?.code).toBe(code);
  });
});
