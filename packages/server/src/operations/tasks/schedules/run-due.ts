import { type ErrorCode, isBerthError, type ScheduleSpec } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import { cadenceOfStored } from "../../../lib/text/cron.ts";
import { stepsDue } from "../../../core/task/due.ts";
import type { Definition } from "../../../core/task/definition.ts";
import { crashPoint } from "../../../lib/crash-point.ts";
import { newId } from "../../../lib/ids.ts";
import type { DueClaim, ScheduleState } from "../../../core/task/schedules.ts";
import { asOwner } from "../../access/as-owner.ts";
import type { Context } from "../../context.ts";
import { NotDue } from "../../jobs/submit/not-due.ts";
import { specText } from "../definitions/find-definition.ts";
import { runTask } from "../run-task.ts";
import { sourceOf } from "./cadence-of.ts";
import { inputOf } from "./demand-schedulable.ts";

/** So many runs are refused in a row before a schedule is paused. */
const MOST_REFUSED = 3;

/** No fault of what the schedule says: the run is refused, and the next one may not be. */
const passing: ReadonlySet<ErrorCode> = new Set(["QUOTA_EXCEEDED", "TASK_BUSY"]);

/** A schedule that is due, as it was found. */
interface Due {
  definition: Definition;
  spec: ScheduleSpec;
  state: ScheduleState;
}

/**
 * Runs what a schedule is due for, as its owner, who must be allowed to by now; nothing where somebody else was faster. Throws
 * where it could not be said what is to come of it, as while the queue is full: then it stays due.
 */
export async function runDue(context: Context, name: string): Promise<void> {
  const due = await findDue(context, name);
  if (due === null || due.state.nextAt === null) return;
  const { definition, spec } = due;
  const { catchUp = "latest" } = spec;
  const at = context.now();
  const common = { schedule: name, version: definition.version, at };
  const cadence = cadenceOfStored(sourceOf(spec), at);
  if (cadence === null) {
    const claim = { ...common, from: due.state.nextAt, dueAt: due.state.nextAt, nextAt: null, missed: 0 };
    return void (await refuse(context, due, { claim, why: "it is never due any more", counts: true }));
  }
  let from = due.state.nextAt;
  for (const { runs, ...step } of stepsDue({ cadence, nextAt: from, now: at, catchUp })) {
    const claim = { ...common, ...step, from };
    crashPoint("due");
    const isTaken = runs ? await run(context, due, claim) : await skip(context, due, claim);
    crashPoint("instant-taken");
    if (!isTaken || step.nextAt === null) return;
    from = step.nextAt;
  }
}

async function findDue({ store, now }: Context, name: string): Promise<Due | null> {
  const definition = await store.definitions.get("schedule", name);
  const [state] = await store.schedules.states([name]);
  const isDue = state !== undefined && state.pausedAt === null && (state.nextAt ?? Infinity) <= now();
  if (definition === null || !isDue) return null;
  return { definition, spec: specText<"schedule">(definition.spec), state };
}

/** Whether the schedule goes on from there. */
async function run(context: Context, due: Due, claim: DueClaim): Promise<boolean> {
  const { definition, spec } = due;
  try {
    await runTask(context, {
      caller: callerOf(context, definition),
      name: spec.task,
      input: inputOf(spec),
      idempotencyKey: null,
      words: { name: definition.name },
      origin: `schedule ${definition.name}`,
      due: claim,
    });
    due.state.refusals = 0;
    return true;
  } catch (error) {
    if (error instanceof NotDue) return false;
    if (!isBerthError(error) || (error.retryable && !passing.has(error.code))) throw error;
    return await refuse(context, due, {
      claim,
      why: error.message,
      counts: !passing.has(error.code),
    });
  }
}

function callerOf(context: Context, { owner, name }: Definition): Caller {
  const credential = { kind: "schedule", id: name } as const;
  return asOwner(context, owner, { door: "schedule", credential, address: null, requestId: newId() });
}

async function refuse(
  { store, audit }: Context,
  { definition: { name, owner }, state }: Due,
  { claim, why, counts }: { claim: DueClaim; why: string; counts: boolean },
): Promise<boolean> {
  if (counts) state.refusals += 1;
  const isPaused = state.refusals >= MOST_REFUSED || claim.nextAt === null;
  const dueAt = new Date(claim.dueAt).toISOString();
  const record = audit.ofServer({
    verb: "update",
    resource: "schedules",
    name,
    outcome: "failed",
    about: { owner, dueAt, why, paused: isPaused },
  });
  const pauses = isPaused ? why : null;
  const isTaken = await store.audited(record).schedules.refuse(claim, { why, pauses, counts });
  return isTaken && !isPaused;
}

async function skip({ store, audit }: Context, { definition }: Due, claim: DueClaim): Promise<boolean> {
  const { name, owner } = definition;
  const about = { owner, dueAt: new Date(claim.dueAt).toISOString(), skipped: claim.missed + 1 };
  const record = audit.ofServer({ verb: "update", resource: "schedules", name, about });
  return await store.audited(record).schedules.skip(claim);
}
