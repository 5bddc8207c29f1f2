import type { StopRequest } from "../../core/job/job.ts";
import { type HeldSignal, joinSignals } from "../../lib/signals.ts";
import type { ReconcilerContext } from "../context.ts";
import type { Walk } from "./walk.ts";

/** The clock of everything before the user's code has run out. */
export class StartTimeout extends Error {
  override readonly name = "StartTimeout";
}

/** Somebody asked for a stop before anything ran. */
export class StopAsked extends Error {
  override readonly name = "StopAsked";
  readonly stop: StopRequest;

  constructor(stop: StopRequest) {
    super(stop.cause.message);
    this.stop = stop;
  }
}

/** What it takes of the context. */
interface Watched extends Pick<ReconcilerContext, "clock"> {
  store: { jobs: Pick<ReconcilerContext["store"]["jobs"], "get"> };
  report: Pick<ReconcilerContext["report"], "fault">;
}

/** One for all: made anew it would take the look of the stack with it, for each job. */
const startTimeout = new StartTimeout("The start timeout is over");
const noTimeoutMs = 24 * 60 * 60 * 1000;

/**
 * What gives up a start that is under way: the server goes down, the start timeout is over, of which `leftMs` are left
 * (null: there is none) from when the job is stored, or the job is asked to stop. Who is past giving up goes on, and hears of the stop later.
 */
export function startSignal(
  { store, clock, report }: Watched,
  { walk, leftMs }: { walk: Walk; leftMs: number | null },
): HeldSignal {
  const { jobId } = walk;
  const controller = new AbortController();
  let wasTold = false;
  const look = async (): Promise<void> => {
    try {
      const job = await store.jobs.get(jobId);
      if (job?.stop) controller.abort(new StopAsked(job.stop));
    } catch (error) {
      report.fault(`Cannot read job "${jobId}"`, error);
    }
  };
  let cancel: () => void = () => undefined;
  let isOver = false;
  const begin = (): void => {
    if (isOver) return;
    cancel = clock.setTimer(clock.now() + (leftMs ?? noTimeoutMs), () => controller.abort(startTimeout));
  };
  if (walk.storing === null) begin();
  else void walk.storing.stored.then(begin, () => undefined);
  const joined = joinSignals(walk.signal, controller.signal);
  walk.onChange(() => {
    wasTold = true;
    void look();
  });
  return {
    signal: joined.signal,
    [Symbol.dispose]() {
      isOver = true;
      cancel();
      joined[Symbol.dispose]();
      walk.unwatch();
      if (wasTold) walk.revisit();
    },
  };
}
