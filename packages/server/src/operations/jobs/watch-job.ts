import { once } from "node:events";
import { isTerminal, type JobState, operations } from "@berth/protocol";
import type { JobEvent } from "../../core/job/job.ts";
import type { Context } from "../context.ts";
import { endStored } from "./end-stored.ts";
import { findJob, type JobRequest } from "./find-job.ts";

/** A job's events after `afterSeq`: those stored, then those to come; ends after the terminal one. */
export async function watchJob(
  context: Context,
  request: JobRequest & { afterSeq: number; signal: AbortSignal },
): Promise<AsyncIterable<JobEvent>> {
  await findJob(context, request, operations.watchJob.permission);
  return events(context, request);
}

async function* events(
  context: Context,
  { id, afterSeq, signal }: { id: string; afterSeq: number; signal: AbortSignal },
): AsyncGenerator<JobEvent> {
  const { store } = context;
  const hint = new EventTarget();
  let changed = true;
  const unsubscribe = store.subscribe(id, () => {
    changed = true;
    hint.dispatchEvent(new Event("change"));
  });
  try {
    for (let after = afterSeq; !signal.aborted; ) {
      changed = false;
      for (const event of await store.events.list(id, after)) {
        const isLast = endsStream(event);
        // An event can be read a moment before the write of it has been answered, and the job seen as it was before.
        if (isLast) await endStored(context, { id, signal });
        yield event;
        after = event.seq;
        if (isLast) return;
      }
      // A client that resumes after the terminal event, or a job deleted meanwhile: nothing more will come.
      const state = await store.jobs.state(id);
      if (state === null || (isTerminal(state) && !changed)) return;
      if (!changed) await once(hint, "change", { signal }).catch(() => undefined);
    }
  } finally {
    unsubscribe();
  }
}

function endsStream(event: JobEvent): boolean {
  return event.type !== "extended" && isTerminal(event.type satisfies JobState);
}
