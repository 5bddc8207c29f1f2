import { setImmediate as nextTurn } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import type { Readiness } from "../../core/readiness.ts";
import { createManualClock, type ManualClock } from "../../lib/manual-clock.ts";
import { ProbeFailed } from "./probe-engine.ts";
import { EngineReadiness } from "./readiness.ts";

interface Probe {
  succeed(): Promise<void>;
  fail(error?: unknown): Promise<void>;
}

let clock: ManualClock;
let probes: Probe[];
let reports: Readiness[];
let down: AbortController;
let readiness: EngineReadiness;
beforeEach(() => {
  clock = createManualClock();
  probes = [];
  reports = [];
  down = new AbortController();
  readiness = new EngineReadiness({
    clock,
    signal: down.signal,
    report: (now) => reports.push(now),
    backoff: { baseMs: 1000, maxMs: 8000 },
    probe: (signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const settle = async (how: () => void): Promise<void> => {
        how();
        for (let turn = 0; turn < 5; turn++) await nextTurn();
      };
      signal.addEventListener("abort", () => reject(signal.reason as Error));
      probes.push({
        succeed: () => settle(resolve),
        fail: (error = new ProbeFailed("no room")) => settle(() => reject(error)),
      });
      return promise;
    },
  });
});

const advance = async (ms: number): Promise<void> => {
  clock.advance(ms);
  for (let turn = 0; turn < 5; turn++) await nextTurn();
};

describe("the readiness of an engine", () => {
  it("begins when a first job of the server's own has run, and not before", async () => {
    readiness.try();
    expect(readiness.look()).toEqual({ ready: false, reason: expect.stringMatching(/^probing: /) as string });
    readiness.proven();
    expect(readiness.look().ready).toBe(false);
    await probes[0]?.succeed();
    expect(readiness.look()).toEqual({ ready: true });
    expect(reports).toEqual([{ ready: true }]);
  });

  it("waits with a growing pause while tries fail, and says why", async () => {
    readiness.try();
    await probes[0]?.fail();
    expect(readiness.look()).toEqual({ ready: false, reason: "a job of the server's own failed: no room" });
    await advance(499);
    expect(probes).toHaveLength(1);
    await advance(501);
    expect(probes).toHaveLength(2);
    await probes[1]?.fail();
    await advance(999);
    expect(probes).toHaveLength(2);
    await advance(1001);
    expect(probes).toHaveLength(3);
    await probes[2]?.succeed();
    expect(readiness.look()).toEqual({ ready: true });
    expect(reports).toHaveLength(2);
  });

  it("ends with a job that failed on the host, until another of the server's own has run", async () => {
    readiness.try();
    await probes[0]?.succeed();
    readiness.doubt();
    expect(readiness.look()).toMatchObject({
      ready: false,
      reason: expect.stringMatching(/^probing/) as string,
    });
    expect(probes).toHaveLength(2);
    await probes[1]?.succeed();
    expect(readiness.look()).toEqual({ ready: true });
  });

  it("is not shown by a job that began before the last cause for doubt", async () => {
    readiness.try();
    readiness.doubt();
    expect(probes).toHaveLength(1);
    await probes[0]?.succeed();
    expect(readiness.look().ready).toBe(false);
    await advance(100);
    await probes[1]?.succeed();
    expect(readiness.look()).toEqual({ ready: true });
  });

  it("is tried anew when somebody asks and no job has run for long, and holds meanwhile", async () => {
    readiness.try();
    await probes[0]?.succeed();
    await advance(29_999);
    readiness.look();
    expect(probes).toHaveLength(1);
    readiness.proven();
    await advance(29_999);
    readiness.look();
    expect(probes).toHaveLength(1);
    await advance(1);
    expect(readiness.look()).toEqual({ ready: true });
    expect(probes).toHaveLength(2);
    await probes[1]?.fail();
    expect(readiness.look().ready).toBe(false);
  });

  it("tells nobody what an unexpected fault says, nor more than a line of the other", async () => {
    readiness.try();
    await probes[0]?.fail(new Error("/secret/path"));
    expect(readiness.look()).toEqual({
      ready: false,
      reason: "a job of the server's own failed: an unexpected fault, see the server's log",
    });
    await advance(1000);
    await probes[1]?.fail(new ProbeFailed(`a\n\u001b[31m${"x".repeat(1000)}`));
    const now = readiness.look();
    expect(now.ready ? "" : now.reason).toMatch(/^a job of the server's own failed: a \[31mx{200,300}$/);
  });

  it("tries nothing once the server goes down", async () => {
    readiness.try();
    down.abort(new Error("down"));
    await readiness.settled();
    await advance(100_000);
    expect(probes).toHaveLength(1);
  });
});
