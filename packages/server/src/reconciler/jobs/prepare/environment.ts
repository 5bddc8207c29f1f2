import type { PrepareStep } from "./prepare-step.ts";

/** What every command finds in its environment unless the job says otherwise. Nothing of the server's own. */
const base = {
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: "/work",
  USER: "job",
  LANG: "C.UTF-8",
} as const;

export const environment: PrepareStep = {
  name: "environment",
  run: async (_context, job) => ({ env: { ...base, BERTH_JOB_ID: job.id, ...job.spec.env } }),
};
