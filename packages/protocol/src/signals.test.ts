import { constants } from "node:os";
import { expect, it } from "vitest";
import { signalNumber } from "./signals.ts";

// The table is Linux's, as are the jobs.
it.runIf(process.platform === "linux").each(Object.entries(constants.signals))("%s is %i", (name, number) => {
  expect(signalNumber(name)).toBe(number);
});

it.each([
  ["SIG1", 1],
  ["SIG32", 32],
  ["SIG33", 33],
  ["SIG64", 64],
  ["SIGRTMIN+0", 34],
  ["SIGRTMIN+1", 35],
  ["SIGRTMIN+30", 64],
])("%s is %i", (name, number) => expect(signalNumber(name)).toBe(number));

it.each([
  "",
  "TERM",
  "sigterm",
  "SIG",
  "SIG0",
  "SIG65",
  "SIG132",
  "SIG1x",
  "xSIG1",
  "SIGRTMIN",
  "SIGRTMIN+",
  "SIGRTMIN+31",
  "SIGRTMIN+99",
  "SIGRTMIN-1",
  "constructor",
  "__proto__",
])("there is no signal %j", (name) => expect(signalNumber(name)).toBeNull());
