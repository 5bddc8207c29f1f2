import type { PrepareStep } from "./prepare-step.ts";

/** Input files and stdin, as they were stored with the job. Most jobs have none and cost no query. */
export const inputs: PrepareStep = {
  async run({ store }, job) {
    if (job.spec.files === undefined && job.spec.stdin === undefined) return { files: [], stdin: null };
    return store.jobs.inputs(job.id);
  },
};
