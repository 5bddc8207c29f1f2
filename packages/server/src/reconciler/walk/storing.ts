import type { Job } from "../../core/job/job.ts";
import type { NetworkGrant } from "../../core/network/profile.ts";

/** A job whose start is prepared while it is being stored. */
export interface Storing {
  job: Job;
  /** What it is granted: nobody can read that yet. */
  network: NetworkGrant;
  /** Resolves when it is stored, rejects with NotStored. */
  stored: Promise<void>;
}

/** Why nothing becomes of a start: nobody is told, as nobody knows the job. */
class NotStored extends Error {
  override readonly name = "NotStored";
}

/** One for all: made anew it would take the look of the stack with it. */
const notStored = new NotStored("The job was not stored");

/** The jobs that are being stored while their starts are prepared. */
export class JobsBeingStored {
  readonly #jobs = new Map<string, PromiseWithResolvers<void>>();

  begin(job: Job, network: NetworkGrant): Storing {
    const storing = Promise.withResolvers<void>();
    // Who prepares may have given up before.
    storing.promise.catch(() => undefined);
    this.#jobs.set(job.id, storing);
    return { job, network, stored: storing.promise };
  }

  /** False for a job that is not one of these. */
  end(jobId: string, isStored: boolean): boolean {
    const storing = this.#jobs.get(jobId);
    if (!storing) return false;
    this.#jobs.delete(jobId);
    if (isStored) storing.resolve();
    else storing.reject(notStored);
    return true;
  }
}

/** Waits until that is known. */
export async function isStored(storing: Storing | null): Promise<boolean> {
  return await (storing?.stored.then(
    () => true,
    () => false,
  ) ?? true);
}
