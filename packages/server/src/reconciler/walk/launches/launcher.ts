import type { Job } from "../../../core/job/job.ts";
import type { InfrastructureKind } from "../../../core/stages/kinds.ts";
import type { Stage } from "../../../core/stages/stage.ts";
import type { End } from "../../../core/job/end.ts";
import type { Launch } from "../../../engines/engine.ts";
import type { CopyTree } from "../../../sources/sources.ts";

/**
 * What a stage before the user's executes: in a sandbox of the job, as its user and within its limits, where /work is
 * the folder that the next stage gets.
 */
export interface StageLaunch {
  command: string;
  args: readonly string[];
  /** Besides what every stage finds. */
  env?: Readonly<Record<string, string>>;
  stdin: Launch["stdin"];
  /** What it alone is given to know. Default: nothing. */
  secrets?: Launch["secrets"];
  openDoor?: Launch["openDoor"];
}

/** A stage that has ended well. */
interface SucceededStage {
  stage: Stage;
  /** Copies what it has left in its folder, as a tree of the server's; null where no job could be shown one. */
  keepTree: CopyTree | null;
}

/** What there is to know of the start of a stage. */
export interface LaunchAbout {
  /** Whether what it leaves in its folder may be kept as a tree of the server's. */
  canKeep: boolean;
  /** Gives up what it waits for. */
  signal: AbortSignal;
}

/** One kind of stage before the user's. May be asked again for every attempt. */
export interface Launcher {
  launch(job: Job, stage: Stage, about: LaunchAbout): Promise<StageLaunch>;
  /** The end of a stage that did not succeed, in words of its own; `said` is the end of what it wrote to stderr, not to be trusted. */
  explain?(end: End, said: string, about: { job: Job; stage: Stage }): End;
  /** Of a stage that succeeded: takes what it has brought about; an end where that is not what was asked for. `said` is the end of its stdout. */
  succeeded?(job: Job, said: string, stage: SucceededStage): Promise<End | null>;
  /** Nothing of the stage runs any more, however it ended, or never began. */
  over?(stage: Stage): Promise<void>;
}

/** Thrown where nothing can be executed: the stage, or the job, ends so. */
export class LaunchRefused extends Error {
  override readonly name = "LaunchRefused";
  readonly end: End;

  constructor(end: End) {
    super(end.cause.message);
    this.end = end;
  }
}

/** Whoever puts the parts together gives one for each kind that a job may have. */
export type Launchers = Readonly<Partial<Record<InfrastructureKind, Launcher>>>;
