import { BerthError } from "@berth/protocol";
import type { Inserted, NewJob } from "../../../store/store.ts";
import type { Context } from "../../context.ts";

/**
 * Stores a run that its task has no room for: it gives back its slot, and waits until there is some. It was tried before, so a
 * key that came with it has been found free. Throws TASK_BUSY where it is not to wait, QUEUE_FULL.
 */
export async function insertWaiting(
  { store, scheduler, policy }: Pick<Context, "store" | "scheduler" | "policy">,
  { asked, next }: { asked: NewJob; next: "queue" | "refuse" },
): Promise<Exclude<Inserted, { kind: "task-full" }>> {
  const { job } = asked;
  const { name, room } = job.task ?? { name: "" };
  const most = room?.most ?? 1;
  if (next === "refuse") {
    const why = `${most === 1 ? "a run of it is" : `${most} runs of it are`} under way, and there may be no more at once`;
    throw new BerthError("TASK_BUSY", `Cannot run task "${name}": ${why}`);
  }
  scheduler.release(job.id);
  if (scheduler.held() >= policy.queueLength) {
    const why = `${policy.queueLength} jobs wait for their tasks already`;
    throw new BerthError("QUEUE_FULL", `Cannot submit job: ${why}`);
  }
  job.state = "queued";
  if (room !== undefined) room.waits = true;
  const inserted = await store.jobs.insert(asked);
  if (inserted.kind === "task-full")
    throw new Error(`Cannot store job "${job.id}": it waits, and was refused room`);
  return inserted;
}
