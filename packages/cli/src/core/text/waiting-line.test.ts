import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Sink } from "../../../test/support/run-berth.ts";
import { Output } from "../output.ts";
import { waitingLine } from "./waiting-line.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function shown({ isTerminal, ms }: { isTerminal: boolean; ms: number }): string {
  const sink = new Sink();
  sink.isTTY = isTerminal;
  {
    using _ = waitingLine(new Output(sink), "Checking 500 definitions");
    vi.advanceTimersByTime(ms);
  }
  vi.advanceTimersByTime(5000);
  return sink.text;
}

it("says on a terminal what goes on and for how long, and is gone at the end", () => {
  expect(shown({ isTerminal: true, ms: 2500 })).toBe(
    "\r\u{1b}[KChecking 500 definitions, 1s\r\u{1b}[KChecking 500 definitions, 2s\r\u{1b}[K",
  );
});

it("says nothing of what is quick, and nothing to a program", () => {
  expect(shown({ isTerminal: true, ms: 900 })).toBe("");
  expect(shown({ isTerminal: false, ms: 9000 })).toBe("");
});
