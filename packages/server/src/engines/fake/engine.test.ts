import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eachLimit, type Limits } from "../../core/limits.ts";
import { grantOf, internetRules } from "../../core/network/profile.ts";
import { plainSurroundings } from "../../core/stages/surroundings.ts";
import { newId } from "../../lib/ids.ts";
import { createManualClock, type ManualClock } from "../../lib/manual-clock.ts";
import type { Launch } from "../engine.ts";
import { createFakeEngine, type FakeEngine } from "./engine.ts";

const noLimits: Limits = {
  ...eachLimit(() => null),
  outputBytes: { value: 0, by: "operator" },
  overflow: "stop",
};
const signal = new AbortController().signal;

describe("the fake engine", () => {
  let root: string;
  let clock: ManualClock;
  let engine: FakeEngine;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "berth-fake-"));
    clock = createManualClock();
    engine = await createFakeEngine({ root: join(root, "jobs"), clock });
  });

  afterEach(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(root, { recursive: true });
  });

  function launchOf(args: readonly string[], limits: Partial<Limits> = {}): Launch {
    const id = newId();
    const files = {
      stdout: join(root, `${id}.out`),
      stderr: join(root, `${id}.err`),
      index: join(root, `${id}.index`),
    };
    for (const path of Object.values(files)) writeFileSync(path, "");
    const output = { ...files, limitBytes: null, overflow: "stop" } as const;
    const handle = engine.handleFor(id);
    const rest = {
      env: {},
      workdir: "/work",
      files: [],
      stdin: null,
      secrets: null,
      work: { kind: "own" },
      ...plainSurroundings,
    } as const;
    return { id, handle, command: "fake", args, limits: { ...noLimits, ...limits }, output, ...rest };
  }

  const start = async (args: readonly string[], limits: Partial<Limits> = {}): Promise<Launch> => {
    const launch = launchOf(args, limits);
    await engine.start(launch, signal);
    return launch;
  };
  const exitOf = ({ handle }: Launch) => engine.wait(handle, signal);
  const stdoutOf = ({ output }: Launch): string => readFileSync(output.stdout, "utf8");

  /** What a kill of the server leaves: the files, and a new engine on them. */
  async function restart(): Promise<void> {
    await engine[Symbol.asyncDispose]();
    engine = await createFakeEngine({ root: join(root, "jobs"), clock });
  }

  it("lets a job that is no script print what it was and succeed", async () => {
    const launch = { ...launchOf(["-l", "/tmp"]), command: "ls" };
    await engine.start(launch, signal);
    expect(await exitOf(launch)).toMatchObject({ code: 0, verdict: null });
    expect(stdoutOf(launch)).toBe("fake: ls -l /tmp\n");
  });

  it("says what is wrong with a script, and blames the job", async () => {
    for (const step of [
      "jump",
      "run-for=soon",
      "exit=256",
      "signal=SIGNOTHING",
      "save=../x:y",
      "tick=0:1s",
      "show=nothing",
    ]) {
      const refused = engine.start(launchOf(["print=x", step]), signal);
      await expect(refused).rejects.toMatchObject({ name: "EngineError", blame: "job", retryable: false });
    }
    await expect(engine.start(launchOf(["exit=x"]), signal)).rejects.toThrow(
      'step "exit=x" wants a whole number from 0 to 255',
    );
  });

  it("leads no script out of its folder through a link", async () => {
    const secret = join(root, "secret");
    writeFileSync(secret, "not for jobs");
    for (const step of [
      "save=link:x",
      "save=link/a:x",
      "show=link",
      "hard-link=a:link/secret",
      "fifo=link/a",
    ]) {
      const refused = engine.start(launchOf([`symlink=link:${root}`, step]), signal);
      await expect(refused).rejects.toMatchObject({ blame: "job" });
    }
    expect(readFileSync(secret, "utf8")).toBe("not for jobs");
  });

  it("lets the start fail as the script says", async () => {
    await expect(start(["fail-start=job"])).rejects.toMatchObject({ blame: "job", retryable: false });
    await expect(start(["fail-start=engine"])).rejects.toMatchObject({ blame: "engine", retryable: false });
    const twice = launchOf(["fail-start=engine:2", "exit=3"]);
    for (let n = 0; n < 2; n++) {
      await expect(engine.start(twice, signal)).rejects.toMatchObject({ blame: "engine", retryable: true });
      expect(await engine.recover(twice.handle)).toEqual({ kind: "never-started" });
    }
    await engine.start(twice, signal);
    expect((await exitOf(twice)).code).toBe(3);
  });

  it("never starts the same job twice", async () => {
    const launch = await start(["print=once"]);
    await expect(engine.start(launch, signal)).rejects.toThrow("it was started before");
    await restart();
    await expect(engine.start(launch, signal)).rejects.toThrow("it was started before");
  });

  it("gives up a slow start when it is called off", async () => {
    const off = new AbortController();
    const launch = launchOf(["start-takes=1h", "print=x"]);
    const starting = engine.start(launch, off.signal);
    off.abort(new Error("too slow"));
    await expect(starting).rejects.toThrow("too slow");
    expect(await engine.recover(launch.handle)).toEqual({ kind: "never-started" });
  });

  it("does each step when its time has come", async () => {
    const launch = await start(["print=one", "run-for=10m", "print=two", "exit=4"]);
    await expect.poll(() => stdoutOf(launch)).toBe("one\n");
    clock.advance(10 * 60_000 - 1);
    await restart();
    expect(stdoutOf(launch)).toBe("one\n");
    const exit = exitOf(launch);
    clock.advance(1);
    expect(await exit).toMatchObject({ code: 4, endedAt: clock.now() });
    expect(stdoutOf(launch)).toBe("one\ntwo\n");
  });

  it("knows after a restart what happened meanwhile, and when", async () => {
    const launch = await start(["tick=3:1s", "exit=5"]);
    const startedAt = clock.now();
    await engine[Symbol.asyncDispose]();
    clock.advance(3_600_000);
    await restart();
    expect(await engine.recover(launch.handle)).toMatchObject({ kind: "found" });
    expect(await exitOf(launch)).toMatchObject({ code: 5, endedAt: startedAt + 3000 });
    expect(stdoutOf(launch)).toBe("tick 1\ntick 2\ntick 3\n");
  });

  it.each([3_600_000, -3_600_000])(
    "goes on with a stop where it was though the clock was set by %i ms meanwhile",
    async (stepMs) => {
      const launch = await start(["ignore-term", "hang"]);
      const startedAt = clock.now();
      clock.advance(60_000);
      const stopping = engine.stop(launch.handle, { graceMs: 10_000 });
      stopping.catch(() => undefined);
      clock.advance(4000);
      clock.step(stepMs);
      await restart();
      expect(await engine.recover(launch.handle)).toMatchObject({ ageMs: 64_000, ended: false });
      const exit = exitOf(launch);
      clock.advance(6000);
      expect(await exit).toMatchObject({ signal: "SIGKILL", endedAt: startedAt + 70_000 });
    },
  );

  it("completes output that a crash cut in the middle, without a repetition", async () => {
    const launch = await start(["print=0123456789", "hang"]);
    await expect.poll(() => stdoutOf(launch)).toBe("0123456789\n");
    truncateSync(launch.output.stdout, 4);
    await restart();
    await engine.recover(launch.handle);
    await expect.poll(() => stdoutOf(launch)).toBe("0123456789\n");
  });

  it("does not mind that the host's clock is set while a job runs", async () => {
    const launch = await start(["run-for=1m", "exit=6"]);
    const exit = exitOf(launch);
    clock.step(86_400_000);
    clock.advance(59_999);
    expect(await engine.stats(launch.handle)).not.toBeNull();
    clock.advance(1);
    expect((await exit).code).toBe(6);
  });

  it("loses a job on restart where the script says so, but not one that had ended", async () => {
    const running = await start(["lost-on-restart", "hang"]);
    const ended = await start(["lost-on-restart", "run-for=1s", "exit=7"]);
    clock.advance(1000);
    await restart();
    expect((await engine.recover(running.handle)).kind).toBe("lost");
    expect((await exitOf(running)).verdict?.kind).toBe("lost");
    expect(await engine.recover(ended.handle)).toMatchObject({ kind: "found" });
    expect((await exitOf(ended)).code).toBe(7);
  });

  it("remembers over a restart that a job has vanished", async () => {
    const launch = await start(["hang"]);
    engine.vanish(launch.handle);
    await restart();
    expect((await engine.recover(launch.handle)).kind).toBe("lost");
  });

  it("remembers a stop over a restart", async () => {
    const launch = await start(["ignore-term", "hang"]);
    void engine.stop(launch.handle, { graceMs: 60_000 }).catch(() => {});
    await restart();
    await engine.recover(launch.handle);
    const exit = exitOf(launch);
    clock.advance(60_000);
    expect(await exit).toMatchObject({ code: null, signal: "SIGKILL", endedAt: clock.now() });
  });

  it("lets a job take its time over TERM, up to the grace", async () => {
    const launch = await start(["on-term=8:2s", "hang"]);
    const stopping = engine.stop(launch.handle, { graceMs: 3000 });
    clock.advance(2000);
    expect(await stopping).toEqual({ forced: false });
    expect((await exitOf(launch)).code).toBe(8);
  });

  it("cuts a stop into output that would fill the disk", async () => {
    const launch = await start(["bytes=1TiB"]);
    await expect.poll(() => stdoutOf(launch).length).toBeGreaterThan(0);
    await engine.stop(launch.handle, { graceMs: 0 });
    expect(await exitOf(launch)).toMatchObject({ signal: "SIGTERM" });
  });

  it.each([
    { step: "oom", verdict: { kind: "oom" } },
    { step: "missing", verdict: { kind: "command_failed" } },
    { step: "break=no disk", verdict: { kind: "engine_failed", reason: "no disk" } },
    { step: "vanish", verdict: { kind: "lost" } },
  ])("ends as $step says", async ({ step, verdict }) => {
    expect(await exitOf(await start(["print=x", step, "print=never"]))).toMatchObject({
      code: null,
      verdict,
    });
  });

  it("measures what the script uses, and lets the CPU limit slow it down", async () => {
    const launch = await start(["use-memory=10Mi", "use-cpu=1s", "exit=0"], {
      cpu: { value: 0.5, by: "job" },
    });
    clock.advance(1000);
    expect(await engine.stats(launch.handle)).toMatchObject({ cpuMs: 500, peakMemoryBytes: 10 * 2 ** 20 });
    clock.advance(1000);
    expect((await exitOf(launch)).usage).toMatchObject({ cpuMs: 1000 });
    expect(await engine.stats(launch.handle)).toBeNull();
  });

  it("refuses handles that it did not make", async () => {
    for (const handle of ["", "local/1/x", "fake:1:../../etc", `fake:2:${newId()}`]) {
      await expect(engine.recover(handle)).rejects.toMatchObject({ name: "EngineError" });
      await expect(engine.destroy(handle)).rejects.toMatchObject({ name: "EngineError" });
    }
  });

  it("claims only what it was told to claim", async () => {
    await using weak = await createFakeEngine({ root, capabilities: { memoryLimit: false } });
    const planOf = (named: Partial<Limits>) =>
      weak.plan({ ...plainSurroundings, limits: { ...noLimits, ...named } });
    const plan = planOf({ memory: { value: 1, by: "job" }, pids: { value: 1, by: "job" } });
    expect(plan.refused.map(({ field }) => field)).toEqual(["resources.memory"]);
    expect(planOf({ memory: { value: 1, by: "operator" } }).refused).toEqual([]);
  });

  it("plays what a job reaches, where it is observed, and what it is refused, where it has a network", async () => {
    const steps = [
      "refuse=tcp,10.0.0.5,5432",
      "refuse=tcp,10.0.0.5,5432",
      "reach=tcp,11.0.0.1,443,example.org",
    ];
    const contactsWith = async (network: Launch["network"]) => {
      const launch = { ...launchOf([...steps, "run-for=1s", "reach=udp,11.0.0.2,53"]), network };
      await engine.start(launch, signal);
      return await engine.contacts(launch.handle);
    };
    const name = "internet";
    expect(await contactsWith({ kind: "none" })).toBeNull();
    const plain = await contactsWith(grantOf(name, { rules: internetRules, observe: false }));
    expect(plain).toMatchObject({
      refused: 2,
      list: [{ address: "10.0.0.5", outcome: "refused", packets: 2 }],
    });
    const observed = await contactsWith(grantOf(name, { rules: internetRules, observe: true }));
    expect(observed?.list.map(({ address }) => address)).toEqual(["10.0.0.5", "11.0.0.1"]);
    expect(observed?.list[1]).toMatchObject({ name: "example.org", bytesOut: 1000 });
  });
});
