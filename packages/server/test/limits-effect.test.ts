import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { hostIsV2 } from "./support/guest.ts";
import { burn, burnt, crowd, forkBomb, grow, transfer } from "./support/hungry-jobs.ts";
import { type LocalServer, startLocalServer } from "./support/local-server.ts";
import { until } from "./support/until.ts";

/** What limits do, told by the jobs themselves: no file of a control group is read here. */

const MIB = 2 ** 20;
const isV2 = hostIsV2();
if (!isV2)
  console.log("SKIPPED: 5 tests of what limits on memory and I/O do, because this host has no cgroup v2");

const opened = await startLocalServer("what limits do", { BERTH_LIMITS: "strict" });
afterAll(() => opened?.[Symbol.asyncDispose]());

/** How far the kernel's own measure and the moments of start and end may lie beside what is asked for. */
const slack = 1.4;

/** What `grow` prints: MiB and seconds. */
function numbers(line: string): [mebibytes: number, seconds: number] {
  const [mebibytes, seconds] = line.split(" ").map(Number);
  return [mebibytes ?? Number.NaN, seconds ?? Number.NaN];
}

describe.skipIf(opened === null)("a limit", () => {
  let server: LocalServer;
  beforeAll(() => {
    if (opened) server = opened;
  });

  it("C16: on CPU of 25% gives a job a quarter of one core, all its processes together", async () => {
    const [seconds, cores] = [2.5, 0.25];
    const limited = { resources: { cpu: "25%" } };
    const both = [server.run(burn(seconds), limited), server.run(burn(seconds))] as const;
    const [{ job, stdout }, beside] = await Promise.all(both);
    expect([job.state, beside.job.state]).toEqual(["succeeded", "succeeded"]);
    const { used, from, to } = burnt(stdout);
    expect(used / (to - from)).toBeLessThan(slack * cores);
    // No less either, as far as the host has as much to give.
    expect(used).toBeGreaterThan(Math.min(seconds * cores, burnt(beside.stdout).used) / 5);
  });

  it("C19: on processes holds a fork bomb, which ends by itself, and the server serves on", async () => {
    const bombing = server.run(forkBomb(2), { resources: { pids: 32 } });
    await server.servesOthers();
    const { job, stdout } = await bombing;
    expect(job).toMatchObject({ state: "succeeded", cause: { code: "exit" } });
    expect(Number(stdout)).toBeLessThanOrEqual(32);
    expect(Number(stdout)).toBeGreaterThan(16);
    expect(job.cause?.evidence["pidsRefused"]).toBeGreaterThan(0);
  });

  it.skipIf(!isV2)("C17: on memory ends the job that passes it as out of memory, with its peak", async () => {
    const resources = { memory: "48MiB" };
    const below = await server.run(grow(24, { seconds: 60 }), { resources });
    expect(below.job.state).toBe("succeeded");
    expect(below.stdout).toMatch(/^24 /);
    const { job, stdout } = await server.run(grow(96, { seconds: 60 }), { resources });
    expect(job).toMatchObject({
      state: "failed",
      cause: { code: "oom", evidence: { limitBytes: 48 * MIB } },
    });
    expect(job.usage.peakMemoryBytes).toBeGreaterThan(36 * MIB);
    expect(job.usage.peakMemoryBytes).toBeLessThanOrEqual(48 * MIB);
    expect(stdout).toBe("");
  });

  it.skipIf(!isV2)("C17: that is soft on memory holds a hog up without ending it", async () => {
    const memory = "96MiB";
    const free = await server.run(grow(64, { seconds: 60 }), { resources: { memory } });
    const [all, needed] = numbers(free.stdout);
    // However slow the host is: in half as much time again the one gets all that it wants, the other what is soft.
    const hog = grow(64, { seconds: Math.max(1.5 * needed, 2) });
    const held = await server.run(hog, { resources: { memory, memoryHigh: "28MiB" } });
    const [some] = numbers(held.stdout);
    expect([free.job.state, held.job.state]).toEqual(["succeeded", "succeeded"]);
    expect(all).toBe(64);
    expect(some).toBeGreaterThan(12);
    expect(some).toBeLessThan(44);
  });

  it.skipIf(!isV2).each(["read", "write"] as const)(
    "C18: on I/O lets a job %s no faster than its rate",
    async (direction) => {
      const io = { [direction]: "8MiB/s" };
      const { job, stdout } = await server.run(transfer(direction, 16), { resources: { io } });
      expect(job.state).toBe("succeeded");
      expect(Number(stdout)).toBeGreaterThan(2 / slack);
    },
  );
});

describe.skipIf(opened === null)("the cap on all jobs together", () => {
  async function capped(env: Readonly<Record<string, string>>): Promise<LocalServer> {
    const server = await startLocalServer("the cap on all jobs", env);
    if (!server) throw new Error("skipped");
    onTestFinished(async () => {
      // What holds on would outlive the server.
      const running = (await server.api.jobs()).filter(({ state }) => state === "running");
      for (const { id } of running) await server.api.stop(id, "0s").then(() => server.api.end(id));
      await server[Symbol.asyncDispose]();
    });
    return server;
  }

  /** A moment by which three jobs are running, also where all of them share little. */
  const soon = (): number => Date.now() / 1000 + 6;

  it("holds for their CPU, whatever each may use", async () => {
    const server = await capped({ BERTH_JOBS_CPU: "50%" });
    const [seconds, from] = [4, soon()];
    const jobs = await Promise.all([1, 2, 3].map(() => server.run(burn(seconds, { from }))));
    const all = jobs.map(({ stdout }) => burnt(stdout));
    const used = all.reduce((sum, one) => sum + one.used, 0);
    // One that came late was beside the others for a part of it only.
    const seen = Math.max(...all.map(({ to }) => to)) - Math.min(...all.map(({ from: begin }) => begin));
    // Without the cap it is 1 on a host with one processor, as a guest is; a guest counts by ticks.
    expect(used / seen).toBeLessThan(0.85);
    expect(used).toBeGreaterThan(0);
  });

  it("holds for their processes, whatever each may have", async () => {
    const most = 50;
    const server = await capped({ BERTH_JOBS_PIDS: String(most) });
    const hold = async (): Promise<number> => {
      const { id } = await server.api.submit({ ...crowd(30), resources: { pids: 45 } });
      const line = async (): Promise<string | null> =>
        /^\d+(?=\n)/.exec(await server.api.output(id))?.[0] ?? null;
      return Number(await until(line, { what: "a crowd" }));
    };
    const first = await hold();
    // The first keeps its own meanwhile.
    const second = await hold();
    expect(first).toBe(30);
    expect(second).toBeGreaterThan(0);
    expect(first + second).toBeLessThan(most);
  });

  it.skipIf(!isV2)(
    "holds for their memory, and no job is told to raise a limit that it did not reach",
    async () => {
      const server = await capped({ BERTH_JOBS_MEMORY: "128MiB" });
      const hog = grow(64, { seconds: 60, holdSeconds: 5 });
      const jobs = await Promise.all(
        [1, 2, 3].map(() => server.run(hog, { resources: { memory: "96MiB" } })),
      );
      const ended = jobs.filter(({ job }) => job.cause?.code === "oom");
      // Two of them and what they run in do not fit.
      expect(ended.length).toBeGreaterThanOrEqual(1);
      for (const { job } of ended) {
        expect(job.cause?.evidence).toMatchObject({ capBytes: 128 * MIB });
        expect(job.cause?.message).toContain("BERTH_JOBS_MEMORY");
      }
      await server.servesOthers();
    },
  );
});
