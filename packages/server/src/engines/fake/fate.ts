import type { EngineUsage, Exit, OutputEnd } from "../engine.ts";
import type { Contact, Contacts } from "../../core/network/contact.ts";
import type { NetworkGrant } from "../../core/network/profile.ts";
import type { Outcome, PlayedContact, Script } from "./script.ts";

/** A stop that was asked for: when TERM came and when KILL will, counted from the job's start. */
export interface StopTimes {
  termAtMs: number;
  killAtMs: number;
}

export interface Fate {
  atMs: number;
  outcome: Outcome;
  /** True when it took KILL to end it. */
  forced: boolean;
}

/** How and when a job ends, as things stand; null: it does not. While it is busy it cannot end by itself. */
export function fateOf(
  script: Script,
  { stop, isBusy }: { stop: StopTimes | null; isBusy: boolean },
): Fate | null {
  const candidates: Fate[] = [];
  if (script.end && !isBusy) candidates.push({ ...script.end, forced: false });
  if (stop) {
    if (script.onTerm.kind === "end") {
      const { afterMs, outcome } = script.onTerm;
      candidates.push({ atMs: stop.termAtMs + afterMs, outcome, forced: false });
    }
    candidates.push({ atMs: stop.killAtMs, outcome: { kind: "signal", signal: "SIGKILL" }, forced: true });
  }
  // The sort is stable: of what falls together, the gentler end comes first.
  return candidates.toSorted((a, b) => a.atMs - b.atMs)[0] ?? null;
}

/** What a job that ran for `elapsedMs` has used. */
export function usageOf(script: Script, elapsedMs: number): EngineUsage {
  const passed = script.peaks.filter(({ atMs }) => atMs <= elapsedMs);
  const cpu = script.cpu.map(({ fromMs, toMs, cpuMs }) => {
    if (elapsedMs >= toMs) return cpuMs;
    return cpuMs * (Math.max(elapsedMs - fromMs, 0) / (toMs - fromMs));
  });
  return {
    cpuMs: Math.round(cpu.reduce((sum, ms) => sum + ms, 0)),
    peakMemoryBytes: Math.max(0, ...passed.map(({ memoryBytes }) => memoryBytes)),
    pidsPeak: Math.max(1, ...passed.map(({ pids }) => pids)),
    pidsRefused: passed.reduce((sum, { pidsRefused }) => sum + pidsRefused, 0),
  };
}

/** What of the first `doneMoments` deeds lay past the limit. */
export function outputEndOf(
  script: Script,
  { limitBytes, doneMoments }: { limitBytes: number | null; doneMoments: number },
): OutputEnd {
  const dropped = { stdout: 0, stderr: 0 };
  let overLimit: OutputEnd["overLimit"] = null;
  for (const moment of script.moments.slice(0, doneMoments)) {
    if (moment.kind !== "output" || limitBytes === null) continue;
    dropped[moment.stream] = Math.max(0, moment.from + moment.bytes.size - limitBytes);
    if (dropped[moment.stream] > 0) overLimit ??= moment.stream;
  }
  return { overLimit, dropped };
}

export function exitOf(outcome: Outcome, seen: Pick<Exit, "usage" | "endedAt" | "output">): Exit {
  const byItself = { code: null, signal: null, verdict: null, ...seen };
  const killed = { ...byItself, signal: "SIGKILL" };
  switch (outcome.kind) {
    case "exit":
      return { ...byItself, code: outcome.code };
    case "signal":
      return { ...byItself, signal: outcome.signal };
    case "oom": {
      const { limitBytes, peakBytes } = outcome;
      return { ...killed, verdict: { kind: "oom", limitBytes, peakBytes, kills: 1 } };
    }
    case "disk-limit": {
      const { limitBytes, usedBytes } = outcome;
      return { ...killed, verdict: { kind: "disk_limit", limitBytes, usedBytes } };
    }
    case "over-limit":
      return killed;
    case "missing":
      return { ...byItself, verdict: { kind: "command_failed", reason: outcome.reason, found: false } };
    case "broken":
      return { ...byItself, verdict: { kind: "engine_failed", reason: outcome.reason } };
    case "vanished":
      return lostExit("the workload has vanished");
    default:
      return outcome satisfies never;
  }
}

export function lostExit(reason: string): Exit {
  const usage = { cpuMs: null, peakMemoryBytes: null, pidsPeak: null, pidsRefused: null };
  return {
    code: null,
    signal: null,
    endedAt: null,
    usage,
    output: { overLimit: null, dropped: null },
    verdict: { kind: "lost", reason },
  };
}

/** What each contact that is reached sends and gets. */
const BYTES_EACH = 1000;

/** What a job has reached, where it is observed, and what it was refused, so long after its start. */
export function contactsOf(
  script: Script,
  { startedAt, elapsedMs, network }: { startedAt: number; elapsedMs: number; network: NetworkGrant },
): Contacts {
  const isObserved = network.kind === "profile" && network.observe;
  const list = new Map<string, Contact>();
  let refused = 0;
  for (const one of script.contacts.filter(({ atMs }) => atMs <= elapsedMs)) {
    if (one.outcome === "refused") refused += 1;
    else if (!isObserved) continue;
    const at = Math.round(startedAt + one.atMs);
    const key = JSON.stringify([one.outcome, one.protocol, one.address, one.port]);
    list.set(key, again(list.get(key) ?? firstOf(one, at), at));
  }
  return { list: [...list.values()], refused };
}

function firstOf({ outcome, protocol, address, port, name }: PlayedContact, at: number): Contact {
  const counts = outcome === "reached" ? { bytesOut: 0, bytesIn: 0 } : { bytesOut: null, bytesIn: null };
  return { name, address, protocol, port, outcome, packets: 0, ...counts, firstAt: at, lastAt: at };
}

function again(contact: Contact, at: number): Contact {
  const more = (bytes: number | null): number | null => (bytes === null ? null : bytes + BYTES_EACH);
  const { packets, bytesOut, bytesIn } = contact;
  return { ...contact, packets: packets + 1, bytesOut: more(bytesOut), bytesIn: more(bytesIn), lastAt: at };
}
