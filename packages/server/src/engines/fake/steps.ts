import { isIP } from "node:net";
import { constants } from "node:os";
import { parseDuration, parseSize } from "@berth/protocol";
import type { ScriptBuilder } from "./script-builder.ts";
import type { ByteSource, Outcome } from "./script.ts";

/** Does one step of a script. Returns what the value should have been, when it is wrong. */
type Step = (job: ScriptBuilder, value: string) => string | void;

const mostTicks = 10_000;

/** Every step of the script language, by name; README.md beside this file explains them. */
export const steps: ReadonlyMap<string, Step> = new Map<string, Step>([
  ["start-takes", durationStep((job, ms) => job.delayStart(ms))],
  ["fail-start", failStart],

  ["run-for", durationStep((job, ms) => job.pass(ms))],
  ["use-cpu", durationStep((job, ms) => job.compute(ms))],
  ["use-memory", sizeStep((job, bytes) => job.useMemory(bytes))],
  ["use-pids", numberStep((job, count) => job.usePids(count), { most: 1_000_000 })],

  ["print", (job, text) => job.output("stdout", data(`${text}\n`))],
  ["print-err", (job, text) => job.output("stderr", data(`${text}\n`))],
  ["write", (job, text) => job.output("stdout", data(text))],
  ["write-err", (job, text) => job.output("stderr", data(text))],
  ["base64", (job, text) => job.output("stdout", data(Buffer.from(text, "base64")))],
  ["base64-err", (job, text) => job.output("stderr", data(Buffer.from(text, "base64")))],
  ["bytes", sizeStep((job, size) => job.output("stdout", { kind: "pattern", size }))],
  ["bytes-err", sizeStep((job, size) => job.output("stderr", { kind: "pattern", size }))],
  ["tick", tick],
  ["stdin", (job) => job.output("stdout", { kind: "stdin", size: job.surroundings.stdinSize })],
  ["env", printEnvironment],
  ["pwd", (job) => job.output("stdout", data(`${job.surroundings.workdir}\n`))],
  ["show", showFile],
  ["secret", showSecret],

  ["save", pairStep((job, [path, text]) => job.save(path, data(text)))],
  ["save-bytes", saveBytes],
  ["symlink", pairStep((job, [path, target]) => job.place({ kind: "symlink", path, target }))],
  ["hard-link", hardLink],
  ["fifo", fifo],

  ["reach", contactStep("reached")],
  ["refuse", contactStep("refused")],

  ["ignore-term", (job) => job.ignoreTerm()],
  ["on-term", onTerm],
  ["lost-on-restart", (job) => job.loseOnRestart()],

  ["exit", numberStep((job, code) => job.finish({ kind: "exit", code }), { most: 255 })],
  ["signal", dieBySignal],
  ["oom", (job) => job.finish(outOfMemory(job))],
  ["missing", (job) => job.finish({ kind: "missing", reason: `Cannot find program "fake"` })],
  ["break", (job, reason) => job.finish({ kind: "broken", reason: reason || "the script says so" })],
  ["vanish", (job) => job.finish({ kind: "vanished" })],
  ["hang", (job) => job.hang()],
]);

function data(content: string | Uint8Array): ByteSource {
  const bytes = Buffer.from(content);
  return { kind: "data", data: bytes, size: bytes.byteLength };
}

function durationStep(apply: (job: ScriptBuilder, ms: number) => void): Step {
  return parsedStep(parseDuration, { apply, wanted: "a duration like 200ms" });
}

function sizeStep(apply: (job: ScriptBuilder, bytes: number) => void): Step {
  return parsedStep(parseSize, { apply, wanted: "a size like 64KiB" });
}

function numberStep(apply: (job: ScriptBuilder, value: number) => void, { most }: { most: number }): Step {
  const parse = (text: string): number | null =>
    /^\d{1,9}$/.test(text) && Number(text) <= most ? Number(text) : null;
  return parsedStep(parse, { apply, wanted: `a whole number from 0 to ${most}` });
}

function parsedStep(
  parse: (text: string) => number | null,
  { apply, wanted }: { apply: (job: ScriptBuilder, value: number) => void; wanted: string },
): Step {
  return (job, text) => {
    const value = parse(text);
    if (value === null) return wanted;
    apply(job, value);
  };
}

/** Nothing is sent: it is said afterwards that the job did. */
function contactStep(outcome: "reached" | "refused"): Step {
  return (job, value) => {
    const [protocol, address = "", port, name = null, ...more] = value.split(",");
    const isPort = /^\d{1,5}$/.test(port ?? "") && Number(port) <= 65_535;
    if ((protocol !== "tcp" && protocol !== "udp") || isIP(address) === 0 || !isPort || more.length > 0)
      return "PROTOCOL,ADDRESS,PORT or PROTOCOL,ADDRESS,PORT,NAME like tcp,10.0.0.5,5432";
    job.contact({ outcome, protocol, address, port: Number(port), name });
  };
}

function pairStep(apply: (job: ScriptBuilder, pair: [path: string, rest: string]) => void): Step {
  return (job, value) => {
    const colon = value.indexOf(":");
    const path = value.slice(0, colon);
    if (colon < 0 || !isUsable(job, path)) return `PATH:VALUE with ${usablePath}`;
    apply(job, [path, value.slice(colon + 1)]);
  };
}

const usablePath = "a relative path without .. that leads through no link";

/** The engine acts as its own user on the host: a script must not lead it out of the job's folder. */
function isUsable(job: ScriptBuilder, path: string): boolean {
  const isInside = path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  return isInside && !path.includes("\0") && !job.isLinked(path);
}

function fifo(job: ScriptBuilder, path: string): string | void {
  if (!isUsable(job, path)) return usablePath;
  job.place({ kind: "fifo", path });
}

function failStart(job: ScriptBuilder, value: string): string | void {
  const match = /^(job|engine)(?::(\d{1,3}))?$/.exec(value);
  if (!match) return "job, engine or engine:TIMES";
  job.start.fail =
    match[1] === "job"
      ? { blame: "job" }
      : { blame: "engine", times: match[2] === undefined ? null : Number(match[2]) };
}

function tick(job: ScriptBuilder, value: string): string | void {
  const [count, every] = value.split(":");
  const times = Number(count);
  const ms = parseDuration(every ?? "");
  if (!Number.isInteger(times) || times < 1 || times > mostTicks || ms === null) {
    return `COUNT:EVERY like 10:100ms, with at most ${mostTicks} ticks`;
  }
  for (let n = 1; n <= times; n++) {
    job.output("stdout", data(`tick ${n}\n`));
    job.pass(ms);
  }
}

function printEnvironment(job: ScriptBuilder): void {
  const lines = Object.entries(job.surroundings.env).map(([name, value]) => `${name}=${value}\n`);
  job.output("stdout", data(lines.toSorted().join("")));
}

function showSecret(job: ScriptBuilder, key: string): string | void {
  const value = job.surroundings.secrets.get(key);
  if (value === undefined) return "a key of a secret that the job is given";
  job.output("stdout", data(value));
}

function showFile(job: ScriptBuilder, path: string): string | void {
  const size = job.sizeOf(path);
  if (size === null || !isUsable(job, path)) return "a file that was sent or saved before";
  job.output("stdout", { kind: "file", path, size });
}

function saveBytes(job: ScriptBuilder, value: string): string | void {
  const size = parseSize(value.slice(value.indexOf(":") + 1));
  if (size === null) return "PATH:SIZE";
  return pairStep((_, [path]) => job.save(path, { kind: "pattern", size }))(job, value);
}

function hardLink(job: ScriptBuilder, value: string): string | void {
  if (!isUsable(job, value.slice(value.indexOf(":") + 1))) return `PATH:TARGET with ${usablePath} for both`;
  return pairStep((_, [path, target]) => job.place({ kind: "hard-link", path, target }))(job, value);
}

function onTerm(job: ScriptBuilder, value: string): string | void {
  const match = /^(\d{1,3})(?::(.+))?$/.exec(value);
  const afterMs = match?.[2] === undefined ? 0 : parseDuration(match[2]);
  if (!match || afterMs === null || Number(match[1]) > 255) return "EXITCODE or EXITCODE:AFTER like 0:200ms";
  job.onTerm = { kind: "end", afterMs, outcome: { kind: "exit", code: Number(match[1]) } };
}

function dieBySignal(job: ScriptBuilder, signal: string): string | void {
  if (!Object.hasOwn(constants.signals, signal)) return "the name of a signal like SIGSEGV";
  job.finish({ kind: "signal", signal });
}

function outOfMemory(job: ScriptBuilder): Outcome {
  const limit = job.surroundings.limits.memory?.value ?? null;
  return { kind: "oom", limitBytes: limit, peakBytes: limit };
}
