import { isTerminal, jobStates, terminalStates } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { mayFollow, statesBefore } from "./transitions.ts";

const allowed = new Set([
  "queued>preparing",
  "queued>failed",
  "queued>canceled",
  "preparing>running",
  "preparing>stopping",
  "preparing>succeeded",
  "preparing>failed",
  "preparing>canceled",
  "preparing>lost",
  "running>stopping",
  "running>succeeded",
  "running>failed",
  "running>canceled",
  "running>lost",
  "stopping>succeeded",
  "stopping>failed",
  "stopping>canceled",
  "stopping>lost",
]);

describe("job states", () => {
  it.each(jobStates.flatMap((from) => jobStates.map((to) => [from, to] as const)))(
    "knows whether %s may become %s",
    (from, to) => {
      expect(mayFollow(from, to)).toBe(allowed.has(`${from}>${to}`));
    },
  );

  it.each(terminalStates)("never leaves %s", (state) => {
    expect(isTerminal(state)).toBe(true);
    expect(jobStates.filter((to) => mayFollow(state, to))).toEqual([]);
  });

  it("names the states before each state, for the guard of the write", () => {
    expect(statesBefore("running")).toEqual(["preparing"]);
    expect(statesBefore("canceled")).toEqual(["queued", "preparing", "running", "stopping"]);
    expect(statesBefore("queued")).toEqual([]);
  });
});
