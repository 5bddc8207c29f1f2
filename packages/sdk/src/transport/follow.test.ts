import { BerthError } from "@berth/protocol/errors";
import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { follow, type Source } from "./follow.ts";
import { Connection, type ConnectionChange } from "./retry.ts";

const url = "http://test";
const gone = new BerthError("SERVER_UNREACHABLE", "gone");

/** What one connection brings: letters, and how it ends. */
type Life = { brings: string; fails?: Error; takesMs?: number } | { refuses: Error };

async function* lettersOf({
  brings,
  takesMs,
  fails,
}: Exclude<Life, { refuses: Error }>): AsyncGenerator<string> {
  yield* brings;
  if (takesMs !== undefined) await new Promise((resolve) => setTimeout(resolve, takesMs));
  if (fails !== undefined) throw fails;
}

/** A source of so many connections, one after another. `isOver` once all of them were used. */
function sourceOf(lives: readonly Life[]) {
  let opened = 0;
  let over = 0;
  const source: Source<string> = {
    url,
    async open() {
      const life = lives[opened];
      opened += 1;
      if (life === undefined) throw new Error("asked too often");
      if ("refuses" in life) throw life.refuses;
      return lettersOf(life);
    },
    async isOver() {
      over += 1;
      return opened === lives.length;
    },
  };
  return { source, counts: () => ({ opened, over }) };
}

const changes: ConnectionChange["state"][] = [];
const connection = (): Connection => new Connection(({ state }) => changes.push(state));

async function read(lives: readonly Life[], patienceMs = 60_000): Promise<string> {
  const { source } = sourceOf(lives);
  return (await inTime(Array.fromAsync(follow(source, { patienceMs, connection: connection() })))).join("");
}

/** Lets the time pass that the work waits for. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let isOver = false;
  const over = (): boolean => (isOver = true);
  work.then(over, over);
  while (!isOver) await vi.advanceTimersByTimeAsync(100);
  return await work;
}

describe("a source that is followed", () => {
  beforeEach(() => {
    changes.length = 0;
    vi.useFakeTimers();
  });
  afterEach(() => void vi.useRealTimers());

  it("is read over as many connections as it takes", async () => {
    expect(
      await read([{ brings: "ab", fails: gone }, { brings: "c" }, { refuses: gone }, { brings: "d" }]),
    ).toBe("abcd");
  });

  it("is not asked for again once it is over", async () => {
    const { source, counts } = sourceOf([{ brings: "a" }]);
    await inTime(Array.fromAsync(follow(source, { patienceMs: 1000, connection: connection() })));
    expect(counts()).toEqual({ opened: 1, over: 1 });
  });

  it("ends with what does not go away by itself", async () => {
    const denied = new BerthError("FORBIDDEN", "no");
    await expect(read([{ refuses: denied }])).rejects.toBe(denied);
    await expect(read([{ brings: "a", fails: denied }])).rejects.toBe(denied);
  });

  it("is given up when nothing comes for longer than the patience", async () => {
    const nothing = Array.from({ length: 50 }, () => ({ brings: "" }));
    await expect(read(nothing, 1000)).rejects.toMatchObject({
      code: "SERVER_UNREACHABLE",
      message: `Cannot reach the server "${url}": the connection was cut`,
    });
  });

  it("that brings something each time is not given up", async () => {
    const lives = Array.from({ length: 30 }, () => ({ brings: "x" }));
    expect(await read(lives, 300)).toHaveLength(30);
  });

  it("that lives long is not given up, though it brings nothing", async () => {
    const quiet = Array.from({ length: 10 }, () => ({ brings: "", takesMs: 6000 }));
    expect(await read(quiet, 2000)).toBe("");
    const brief = Array.from({ length: 10 }, () => ({ brings: "", takesMs: 1000 }));
    await expect(read(brief, 2000)).rejects.toMatchObject({ code: "SERVER_UNREACHABLE" });
  });

  it("ends with the reason of the caller's signal, and leaves nothing behind on it", async () => {
    const stop = new AbortController();
    const { source } = sourceOf([{ brings: "abc" }, { brings: "d" }]);
    const reading = follow(source, { patienceMs: 60_000, signal: stop.signal, connection: connection() });
    expect((await reading.next()).value).toBe("a");
    await reading.return();
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);

    const refused = sourceOf([
      { refuses: gone },
      { refuses: gone },
      { refuses: gone },
      { refuses: gone },
    ]).source;
    const waiting = Array.fromAsync(
      follow(refused, { patienceMs: 60_000, signal: stop.signal, connection: connection() }),
    );
    stop.abort("enough");
    await expect(inTime(waiting)).rejects.toBe("enough");
  });
});
