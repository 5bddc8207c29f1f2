import { expect, it } from "vitest";
import { type Limit, whoSet } from "../limits.ts";
import { stopCause } from "./stop-cause.ts";

const own: Limit = { value: 2000, by: "job" };
const default_: Limit = { value: 2000, by: "operator" };
const time = { limitMs: 2000, setBy: "job" };

it.each([
  [stopCause.stopped("ann"), "stopped", /ann/, { by: "ann" }],
  [
    stopCause.replaced("t", "j2"),
    "stopped",
    /^Stopped as a newer run of task "t" took its place: job j2$/,
    { task: "t", replacedBy: "j2" },
  ],
  [
    stopCause.startTimeout(own, "clone"),
    "start_timeout",
    /2s.*in stage "clone".*raise `timeouts\.start`/,
    time,
  ],
  [stopCause.runTimeout(own), "run_timeout", /2s.*timeouts\.run/, time],
  [stopCause.queueTimeout(own), "queue_timeout", /2s.*timeouts\.queue/, time],
  [
    stopCause.startTimeout(own),
    "start_timeout",
    /2s.*the host is too slow or `timeouts\.start` too short/,
    time,
  ],
  [stopCause.idleTimeout(own), "idle_timeout", /2s.*timeouts\.idle/, time],
  [stopCause.cpuTimeout(own, 3000), "cpu_timeout", /2s.*3s.*timeouts\.cpu/, { ...time, usedMs: 3000 }],
  [
    stopCause.outputLimit({ value: 1024, by: "operator" }, "stderr", 2048),
    "output_limit",
    /1 KiB.*stderr.*output\.limit/,
    { limitBytes: 1024, stream: "stderr", bytes: 2048, setBy: "operator" },
  ],
  [stopCause.engineFailed("no room"), "engine_failed", /The host failed.*no room/, {}],
  [stopCause.commandFailed("not there"), "command_failed", /^not there$/, {}],
  [stopCause.commandFailed("not there", false), "command_failed", /^not there$/, { found: false }],
])("%o says what was reached, by whose will, and what to do", (cause, code, message, evidence) => {
  expect(cause).toEqual({ code, message: expect.stringMatching(message) as string, evidence });
});

it.each([
  [own, "set by the job"],
  [default_, "the server's default"],
])("says whose limit %o is", (limit, words) => {
  expect(whoSet(limit)).toBe(words);
  expect(stopCause.runTimeout(limit).message).toContain(words);
});
