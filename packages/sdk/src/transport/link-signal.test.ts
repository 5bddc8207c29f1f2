import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { linkSignal } from "./link-signal.ts";

it("follows the caller's signal with its reason, also one that was aborted before", () => {
  const caller = new AbortController();
  const { signal } = linkSignal(caller.signal);
  caller.abort("enough");
  expect(signal.reason).toBe("enough");
  expect(linkSignal(caller.signal).signal.reason).toBe("enough");
});

it("leaves nothing behind on a signal that lives long", () => {
  const caller = new AbortController();
  for (let n = 0; n < 100; n += 1) linkSignal(caller.signal, { timeoutMs: 60_000 }).unlink();
  expect(getEventListeners(caller.signal, "abort")).toEqual([]);
});

it("aborts with the error of its time limit", async () => {
  const { signal } = linkSignal(undefined, { timeoutMs: 1, onTimeout: () => new Error("late") });
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  expect(signal.reason).toMatchObject({ message: "late" });
});

it("has no time limit after it was unlinked, nor follows anybody", async () => {
  const caller = new AbortController();
  const link = linkSignal(caller.signal, { timeoutMs: 1 });
  link.unlink();
  caller.abort();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(link.signal.aborted).toBe(false);
  expect(linkSignal(undefined).signal.aborted).toBe(false);
});
