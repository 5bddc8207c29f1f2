import { type Cause, formatSize } from "@berth/protocol";
import type { Shortage } from "../queue/running-use.ts";

/** What stands between a queued job and its slot. */
export interface Wait {
  /** Jobs of its owner before it. */
  ahead: number;
  /** Others than its owner who wait for the same slots. */
  others: number;
  busy: number;
  total: number;
  /** What of its owner's quotas keeps it waiting, or the one of its owner that is next. */
  quota: Shortage | null;
}

/** Why a queued job does not run yet, as of now. */
export function waitCause({ ahead, others, busy, total, quota }: Wait): Cause {
  if (quota !== null) {
    const { subject, what, used, asked, limit } = quota;
    const evidence = {
      quota: what,
      used: shown(what, used),
      limit: shown(what, limit),
      ...(asked !== null && { asked: shown(what, asked) }),
      ...(subject.kind === "group" && { group: subject.name }),
      ahead,
    };
    const message = `${sentenceOf(quota)}; ${ahead} of its own ahead`;
    return { code: "waiting_for_quota", message, evidence };
  }
  const slots = `${busy} of ${total} slots are busy`;
  const evidence = { ahead, busySlots: busy, totalSlots: total, ...(others > 0 && { others }) };
  if (ahead === 0 && others === 0)
    return { code: "waiting_for_slot", message: `First in the queue; ${slots}`, evidence };
  const jobs = ahead === 1 ? "1 job" : `${ahead} jobs`;
  const place = ahead === 0 ? "First" : `${jobs} ${ahead === 1 ? "is" : "are"} ahead`;
  const whose = others === 0 ? "" : " among its owner's";
  const beside =
    others === 0
      ? ""
      : `; ${others === 1 ? "1 other owner takes" : `${others} other owners take`} turns with it`;
  return { code: "waiting_for_turn", message: `${place}${whose} in the queue${beside}; ${slots}`, evidence };
}

/** Why a run waits for room in its task. */
export function taskWaitCause({ task, most, ahead }: { task: string; most: number; ahead: number }): Cause {
  const runs = most === 1 ? "1 run" : `${most} runs`;
  const before = ahead === 0 ? "it is the next" : `${ahead === 1 ? "1 waits" : `${ahead} wait`} before it`;
  const message = `Task "${task}" allows ${runs} at once; ${before}`;
  return { code: "waiting_for_task", message, evidence: { task, limit: most, ahead } };
}

/** As the contract tells it: cores, bytes, jobs. */
function shown(what: Shortage["what"], value: number): number {
  return what === "cpu" ? value / 1000 : value;
}

function sentenceOf({ subject: { kind, name }, what, used, asked, limit }: Shortage): string {
  const who = kind === "user" ? "Its owner" : `Group "${name}"`;
  if (what === "jobs") return `${who} runs ${used} of ${limit} jobs that it may run at once`;
  const say = what === "cpu" ? coresOf : formatSize;
  const noun = what === "cpu" ? "cores" : "memory";
  if (asked !== null && asked > limit)
    return `${who} may use ${say(limit)} ${noun} at once, and this job alone needs ${say(asked)}: others pass it until that is raised`;
  const needs = asked === null ? "" : `, and the next job needs ${say(asked)}`;
  return `${who} uses ${say(used)} of ${say(limit)} ${noun} that it may use at once${needs}`;
}

function coresOf(milli: number): string {
  return String(milli / 1000);
}
