import { getEventListeners, once } from "node:events";
import { describe, expect, it } from "vitest";
import { createManualClock } from "./manual-clock.ts";
import { abortable, deadlineSignal, joinSignals, untilSignal } from "./signals.ts";

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}

describe("joinSignals", () => {
  it("aborts with the reason of the parent that was first", () => {
    const [one, two] = [new AbortController(), new AbortController()];
    using joined = joinSignals(one.signal, two.signal);
    two.abort("second");
    one.abort("first");
    expect(joined.signal.reason).toBe("second");
  });

  it("is aborted at once when a parent was", () => {
    const parent = new AbortController();
    using joined = joinSignals(parent.signal, AbortSignal.abort("before"));
    expect(joined.signal.reason).toBe("before");
    expect(listeners(parent.signal)).toBe(0);
  });

  it("leaves nothing on its parents when disposed, nor after an abort", () => {
    const [server, request] = [new AbortController(), new AbortController()];
    for (let i = 0; i < 100; i += 1) {
      using joined = joinSignals(server.signal, request.signal);
      expect(joined.signal.aborted).toBe(false);
    }
    joinSignals(server.signal, request.signal);
    request.abort();
    expect(listeners(server.signal)).toBe(0);
  });
});

describe("deadlineSignal", () => {
  it("aborts with the given reason when the time is over", () => {
    const clock = createManualClock();
    using deadline = deadlineSignal(500, new Error("too late"), clock);
    clock.advance(499);
    expect(deadline.signal.aborted).toBe(false);
    clock.advance(1);
    expect(deadline.signal.reason).toMatchObject({ message: "too late" });
  });

  it("does not abort after it was disposed", () => {
    const clock = createManualClock();
    const deadline = deadlineSignal(500, new Error("too late"), clock);
    deadline[Symbol.dispose]();
    clock.advance(1000);
    expect(deadline.signal.aborted).toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe("a deadline of no clock", () => {
  it("goes by the system's", async () => {
    using deadline = deadlineSignal(5, new Error("too late"));
    await once(deadline.signal, "abort");
    expect(deadline.signal.reason).toMatchObject({ message: "too late" });
  });
});

describe("untilSignal", () => {
  it("aborts at the first process signal and lets go of the others", async () => {
    const before = process.listenerCount("SIGUSR2");
    const stop = untilSignal(["SIGUSR2", "SIGWINCH"]);
    process.kill(process.pid, "SIGWINCH");
    await once(stop, "abort");
    expect(stop.reason).toMatchObject({ name: "AbortError", message: "Received SIGWINCH" });
    expect(process.listenerCount("SIGUSR2")).toBe(before);
  });
});

describe("abortable", () => {
  it("settles with the promise and lets go of the signal", async () => {
    const stop = new AbortController();
    expect(await abortable(Promise.resolve(7), stop.signal)).toBe(7);
    expect(listeners(stop.signal)).toBe(0);
  });

  it("waits for a promise that takes its time", async () => {
    const later = new Promise((resolve) => setTimeout(resolve, 5, "there"));
    expect(await abortable(later, new AbortController().signal)).toBe("there");
  });

  it("rejects with the reason of a signal that was aborted before", async () => {
    const hanging = Promise.withResolvers<void>().promise;
    await expect(abortable(hanging, AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
  });

  it("rejects as the promise does, and lets go of the signal", async () => {
    const stop = new AbortController();
    await expect(abortable(Promise.reject(new Error("no")), stop.signal)).rejects.toThrow("no");
    expect(listeners(stop.signal)).toBe(0);
  });

  it("rejects with the reason while the promise hangs", async () => {
    const stop = new AbortController();
    const waiting = abortable(Promise.withResolvers<void>().promise, stop.signal);
    stop.abort(new Error("left"));
    await expect(waiting).rejects.toThrow("left");
  });
});
