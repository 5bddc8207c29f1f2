import { describe, expect, it } from "vitest";
import { KeyedQueue } from "./keyed-queue.ts";

describe("KeyedQueue", () => {
  it("runs one at a time per key, in order", async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = queue.run("a", async () => {
      log.push("first begins");
      await gate.promise;
      log.push("first ends");
    });
    const second = queue.run("a", async () => void log.push("second"));
    await queue.run("b", async () => void log.push("other key"));
    gate.resolve();
    await Promise.all([first, second]);
    expect(log).toEqual(["first begins", "other key", "first ends", "second"]);
  });

  it("goes on after work that failed", async () => {
    const queue = new KeyedQueue();
    const failed = queue.run("a", () => Promise.reject(new Error("no")));
    const next = queue.run("a", async () => "yes");
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });

  it("is idle when all that was asked for has settled, however it did", async () => {
    const queue = new KeyedQueue();
    const gate = Promise.withResolvers<void>();
    const work = queue.run("a", async () => {
      await gate.promise;
      throw new Error("no");
    });
    let isIdle = false;
    const idle = queue.idle().then(() => (isIdle = true));
    await new Promise(setImmediate);
    expect([isIdle, queue.size]).toEqual([false, 1]);
    gate.resolve();
    await expect(work).rejects.toThrow("no");
    await idle;
    expect(queue.size).toBe(0);
  });

  it("keeps a key whose later work still waits", async () => {
    const queue = new KeyedQueue();
    const gate = Promise.withResolvers<void>();
    const first = queue.run("a", async () => undefined);
    const second = queue.run("a", () => gate.promise);
    await first;
    await new Promise(setImmediate);
    expect(queue.size).toBe(1);
    gate.resolve();
    await second;
  });

  it("forgets keys without work", async () => {
    const queue = new KeyedQueue();
    await Promise.all(["a", "b", "a"].map((key) => queue.run(key, async () => key)));
    await queue.idle();
    expect(queue.size).toBe(0);
  });
});
