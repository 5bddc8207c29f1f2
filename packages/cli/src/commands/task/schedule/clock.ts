import type { Schedule } from "@berth/sdk";
import { exitCodes } from "../../../core/exit-codes.ts";
import { printable } from "../../../core/text/printable.ts";
import { nameAnd, versionIn } from "../definition-action.ts";
import { every, table } from "../look.ts";
import { showDefinition } from "../show-definition.ts";
import type { ScheduleAction } from "./schedule-action.ts";

const PAGE = 100;

/** By the clock of the schedule's zone, and the instant that this is. */
export async function nextRuns(action: ScheduleAction): Promise<number> {
  const { cli, own } = action;
  const [name] = nameAnd(action, { action: "next" });
  const berth = await cli.connectAsUser();
  const found = await berth.schedules.next(name, { count: versionIn(own.count) });
  if (own.json) await cli.out.json(found);
  else {
    const clock = new Intl.DateTimeFormat("sv-SE", {
      timeZone: found.zone,
      dateStyle: "short",
      timeStyle: "short",
    });
    const day = new Intl.DateTimeFormat("en", { timeZone: found.zone, weekday: "short" });
    const rows = found.items.map((at) => [`${day.format(new Date(at))} ${clock.format(new Date(at))}`, at]);
    await table(action, [`IN ${found.zone}`, "AT"], rows);
  }
  return exitCodes.ok.code;
}

export async function listRuns(action: ScheduleAction): Promise<number> {
  const { cli, own } = action;
  const [name] = nameAnd(action, { action: "runs" });
  const berth = await cli.connectAsUser();
  const all = await every((cursor) => berth.schedules.runs(name, { cursor, limit: PAGE }));
  if (own.json) await cli.out.json(all);
  else if (all.length === 0) await cli.err.line("berth: it was not due yet");
  else {
    const rows = all.map(({ dueAt, outcome, job, why, missed }) => [
      dueAt,
      outcome,
      job ?? "",
      printable(why ?? (missed > 0 ? `${missed} before it were missed` : "")),
    ]);
    await table(action, ["DUE", "OUTCOME", "JOB", "NOTE"], rows);
  }
  return exitCodes.ok.code;
}

export async function pause(action: ScheduleAction): Promise<number> {
  const [name] = nameAnd(action, { action: "pause" });
  const berth = await action.cli.connectAsUser();
  return await shown(action, await berth.schedules.pause(name));
}

export async function resume(action: ScheduleAction): Promise<number> {
  const [name] = nameAnd(action, { action: "resume" });
  const berth = await action.cli.connectAsUser();
  return await shown(action, await berth.schedules.resume(name));
}

async function shown(action: ScheduleAction, schedule: Schedule): Promise<number> {
  await showDefinition(schedule, action);
  return exitCodes.ok.code;
}
