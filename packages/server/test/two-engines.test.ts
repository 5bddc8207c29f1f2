import type { Engine, Job, JobSpecInput } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { type InProcessServer, startInProcessServer } from "./support/in-process-server.ts";
import { shell, startLocalServer } from "./support/local-server.ts";
import { until } from "./support/until.ts";

async function enginesOf({ api }: InProcessServer): Promise<Record<string, Engine>> {
  const { items } = (await (await api.request("/api/v1/engines")).json()) as { items: Engine[] };
  return Object.fromEntries(items.map((one) => [one.name, one]));
}

async function end({ api }: InProcessServer, spec: JobSpecInput): Promise<Job> {
  return api.end((await api.submit(spec)).id);
}

/** Once a job of the server's own has shown it of both. */
async function untilKnown(server: InProcessServer): Promise<Record<string, Engine>> {
  return until(
    async () => {
      const engines = await enginesOf(server);
      const isKnown = ({ readiness }: Engine): boolean => !(readiness.reason ?? "").startsWith("probing");
      return Object.values(engines).every(isKnown) && engines;
    },
    { what: "what both engines can do" },
  );
}

const played: JobSpecInput = { command: "fake", args: ["print=played"], engine: "fake" };

describe("two engines of one server", () => {
  it("run jobs side by side, each those that name it, the default those that name none", async () => {
    await using server = await startLocalServer("two engines", { BERTH_MORE_ENGINES: "fake,local" });
    if (server === null) return;
    const jobs = [shell("echo real"), { ...shell("echo real"), engine: "local" }, played];
    const ended = await Promise.all(jobs.map((spec) => end(server, spec)));
    expect(ended.map(({ engine, state }) => [engine, state])).toEqual([
      ["local", "succeeded"],
      ["local", "succeeded"],
      ["fake", "succeeded"],
    ]);
    expect(await Promise.all(ended.map(({ id }) => server.api.output(id)))).toEqual([
      "real\n",
      "real\n",
      "played\n",
    ]);
    const engines = await untilKnown(server);
    expect(Object.keys(engines)).toEqual(["local", "fake"]);
    expect(engines).toMatchObject({
      local: { default: true, readiness: { ready: true, reason: null } },
      fake: { default: false, readiness: { ready: true, reason: null } },
    });
  });

  it("have slots of their own: a full one holds up nobody on the other", async () => {
    await using server = await startLocalServer("two engines", {
      BERTH_MORE_ENGINES: "fake",
      BERTH_MAX_JOBS: "1",
    });
    if (server === null) return;
    const long = await server.api.submit({ command: "fake", args: ["run-for=10m"], engine: "fake" });
    const waits = await server.api.submit(played);
    expect(await end(server, shell("true"))).toMatchObject({ state: "succeeded" });
    const slots = async (): Promise<unknown> => {
      const { local, fake } = await enginesOf(server);
      return { local: local?.slots, fake: fake?.slots };
    };
    // A job gives its slot back once its end is stored, which is when it is told.
    await expect.poll(slots).toEqual({
      local: { total: 1, busy: 0, queued: 0 },
      fake: { total: 1, busy: 1, queued: 1 },
    });
    await server.api.stop(long.id, "0s");
    expect(await server.api.end(waits.id)).toMatchObject({ state: "succeeded" });
  });

  it("are ready or not by themselves, and a server by the one for jobs that name none", async () => {
    await using server = await startInProcessServer({
      BERTH_MORE_ENGINES: "local",
      BERTH_RUNTIME: "/nonexistent/crun",
    });
    const engines = await untilKnown(server);
    expect(engines["fake"]).toMatchObject({ default: true, readiness: { ready: true, reason: null } });
    expect(engines["local"]?.readiness).toEqual({
      ready: false,
      reason: expect.stringMatching(/^a job of the server's own failed: /) as string,
    });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    const figures = await (await server.api.request("/metrics")).text();
    expect(figures).toContain('berth_engine_ready{engine="fake"} 1');
    expect(figures).toContain('berth_engine_ready{engine="local"} 0');
    const [there, gone] = await Promise.all([
      end(server, played),
      end(server, { command: "true", engine: "local" }),
    ]);
    expect(there.state).toBe("succeeded");
    expect(gone).toMatchObject({ state: "failed", cause: { code: "engine_failed" } });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  it("are named to who asks for a third", async () => {
    await using server = await startInProcessServer({ BERTH_MORE_ENGINES: "local" });
    const answer = await server.api.request("/api/v1/jobs", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ command: "true", engine: "moon" }),
    });
    expect(await answer.json()).toMatchObject({
      code: "ENGINE_UNKNOWN",
      message: 'Cannot submit job: engine "moon" is not here, known: fake, local',
    });
  });
});
