import { BerthError } from "@berth/protocol/errors";
import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Backoff, Connection, type ConnectionChange, isTransient, pause, retrying } from "./retry.ts";

const failure = new Error("cut");
const unreachable = new BerthError("SERVER_UNREACHABLE", "gone");

it.each([
  ["SERVER_UNREACHABLE", true],
  ["QUEUE_FULL", true],
  ["SHUTTING_DOWN", true],
  ["JOB_NOT_FOUND", false],
  ["INTERNAL", false],
] as const)("whether %s goes away by itself: %s", (code, goes) => {
  expect(isTransient(new BerthError(code, "x"))).toBe(goes);
});

it("no foreign error goes away by itself", () => expect(isTransient(failure)).toBe(false));

describe("Backoff", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  /** How long each of so many waits in a row takes, in ms. */
  async function waits(backoff: Backoff, count: number, error: unknown = failure): Promise<number[]> {
    const all: number[] = [];
    for (let n = 0; n < count; n += 1) {
      const from = performance.now();
      const wait = backoff.wait(error);
      await vi.runAllTimersAsync();
      await wait;
      all.push(Math.round(performance.now() - from));
    }
    return all;
  }

  it("begins at once, then doubles, up to its longest", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const backoff = new Backoff({ patienceMs: 600_000 });
    expect(await waits(backoff, 9)).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it("waits half of it at least", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const backoff = new Backoff({ patienceMs: 600_000, firstMs: 10, longestMs: 40 });
    expect(await waits(backoff, 5)).toEqual([0, 5, 10, 20, 20]);
  });

  it("begins again after progress", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const backoff = new Backoff({ patienceMs: 600_000 });
    await waits(backoff, 4);
    backoff.progress();
    expect(await waits(backoff, 2)).toEqual([0, 100]);
  });

  it("does not press a server that says when to come back", async () => {
    const asked = new BerthError("QUEUE_FULL", "full", { retryAfterMs: 7000 });
    expect(await waits(new Backoff({ patienceMs: 600_000 }), 2, asked)).toEqual([7000, 7000]);
  });

  it("throws the failure when its patience would be over before the next try", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const backoff = new Backoff({ patienceMs: 700 });
    await waits(backoff, 3);
    await expect(backoff.wait(failure)).rejects.toBe(failure);
    await expect(new Backoff({ patienceMs: 0 }).wait(failure)).rejects.toBe(failure);
  });

  it("counts its patience from the first failure after progress", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const backoff = new Backoff({ patienceMs: 400 });
    await waits(backoff, 3);
    backoff.progress();
    expect(await waits(backoff, 3)).toEqual([0, 100, 200]);
  });

  it("tells of what is waited out, and not of what is tried again at once", async () => {
    const told: unknown[] = [];
    const backoff = new Backoff({ patienceMs: 600_000, onFailure: (one) => told.push(one) });
    await waits(backoff, 3);
    expect(told).toEqual([failure, failure]);
  });

  it("ends a wait with the reason of the signal", async () => {
    const backoff = new Backoff({ patienceMs: 600_000 });
    await waits(backoff, 2);
    const stop = new AbortController();
    const wait = backoff.wait(failure, stop.signal);
    stop.abort("enough");
    await expect(wait).rejects.toBe("enough");
  });
});

describe("Connection", () => {
  function connection(): { it: Connection; changes: ConnectionChange["state"][] } {
    const changes: ConnectionChange["state"][] = [];
    return { it: new Connection(({ state }) => changes.push(state)), changes };
  }

  it("tells each change once", () => {
    const { it: server, changes } = connection();
    server.reached();
    server.failed(unreachable);
    server.failed(unreachable);
    server.reached();
    server.reached();
    server.failed(new BerthError("SHUTTING_DOWN", "bye"));
    expect(changes).toEqual(["away", "back", "away"]);
  });

  it("does not call away who was never there, nor who only refuses", () => {
    const { it: server, changes } = connection();
    server.failed(unreachable);
    server.reached();
    server.failed(new BerthError("QUEUE_FULL", "full"));
    server.failed(failure);
    expect(changes).toEqual([]);
  });

  it("tells nobody where nobody asked", () => {
    const server = new Connection(undefined);
    server.reached();
    server.failed(unreachable);
    expect(() => server.reached()).not.toThrow();
  });
});

describe("retrying", () => {
  it("gives what came in the end", async () => {
    let tries = 0;
    const attempt = async (): Promise<string> => {
      tries += 1;
      if (tries < 3) throw unreachable;
      return "here";
    };
    expect(await retrying(attempt, { patienceMs: 10_000, firstMs: 1 })).toBe("here");
  });

  it("throws at once what does not go away", async () => {
    let tries = 0;
    const attempt = (): Promise<never> => {
      tries += 1;
      return Promise.reject(failure);
    };
    await expect(retrying(attempt, { patienceMs: 10_000 })).rejects.toBe(failure);
    expect(tries).toBe(1);
  });

  it("ends with the signal's reason", async () => {
    const attempt = (): Promise<never> => Promise.reject(unreachable);
    const retried = retrying(attempt, { patienceMs: 10_000, signal: AbortSignal.abort("enough") });
    await expect(retried).rejects.toBe("enough");
  });
});

describe("pause", () => {
  it("ends in time, and lets go of the signal", async () => {
    const stop = new AbortController();
    const from = performance.now();
    await pause(20, stop.signal);
    expect(performance.now() - from).toBeGreaterThan(15);
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  });

  it("does not begin when the signal was aborted before", async () => {
    await expect(pause(60_000, AbortSignal.abort("before"))).rejects.toBe("before");
  });
});
