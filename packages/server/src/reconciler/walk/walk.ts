import type { Job } from "../../core/job/job.ts";
import type { Stage } from "../../core/stages/stage.ts";
import type { Engine, WorkFolder } from "../../engines/engine.ts";
import type { Storing } from "./storing.ts";

/** One job on its way from its slot to its end. */
export interface Walk {
  jobId: string;
  /** Stored by this very process a moment ago: nothing of it can be on the host yet. */
  fresh: boolean;
  /** The job, where it is still being stored; else null. */
  storing: Storing | null;
  /** Begun by an earlier server, as the store says: it may have been started. */
  inherited: boolean;
  /** Aborted when the server goes down. */
  signal: AbortSignal;
  /** Registers what to call when the job has changed; what changed before anybody looked is told at once. */
  onChange: (look: () => void) => void;
  /** Nobody looks any more: what changes from now on is told to the next who does. */
  unwatch: () => void;
  /** Called when what became of an inherited job is known, and stored where it has ended. */
  recovered: () => void;
  /** Says that the job has changed. */
  revisit: () => void;
}

/** What there is to know of a stage that is to be brought to its end. */
export interface StageWalk {
  job: Job;
  stage: Stage & { handle: string };
  /** The folder that it finds as /work. */
  work: WorkFolder;
  /** Ms that are left of the job's start timeout by now; null where it has none. */
  leftMs: () => number | null;
  engine: Engine;
  walk: Walk;
}
