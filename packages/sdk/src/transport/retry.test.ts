import { expect, it } from "vitest";
import { Backoff } from "./retry.ts";

const failure = new Error("cut");

it("tries again at once after progress, and waits only when that fails too", async () => {
  const backoff = new Backoff({ patienceMs: 1_000, firstMs: 60_000 });
  for (let cut = 0; cut < 5; cut += 1) {
    await backoff.wait(failure);
    backoff.progress();
  }
  await backoff.wait(failure);
  // The second wait in a row would be longer than the patience: it is not begun.
  await expect(backoff.wait(failure)).rejects.toBe(failure);
});

it("ends a wait with the reason of the signal", async () => {
  const backoff = new Backoff({ patienceMs: 600_000, firstMs: 60_000, longestMs: 60_000 });
  await backoff.wait(failure);
  await expect(backoff.wait(failure, AbortSignal.timeout(5))).rejects.toMatchObject({ name: "TimeoutError" });
});
