import type { Job } from "../../../core/job/job.ts";
import type { LaunchPart } from "./launch-part.ts";
import type { PrepareStep } from "./prepare-step.ts";

/**
 * What every command finds in its environment unless the job says otherwise. Nothing of the server's own. Only
 * `BERTH_JOB_ID` is not the job's to say.
 */
const base = {
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: "/work",
  USER: "job",
  LANG: "C.UTF-8",
} as const;

export const environment: PrepareStep = {
  // A job may come with the environment of another, in which it was made: the number is its own all the same.
  run: async (_context, job) => ({ env: { ...base, ...job.spec.view.env, BERTH_JOB_ID: job.id } }),
};

/** Nothing of the job's own: its variables are for its code, and some of them change what a program of ours does. */
export function environmentOfStage(job: Job): LaunchPart {
  return { env: { ...base, BERTH_JOB_ID: job.id } };
}
