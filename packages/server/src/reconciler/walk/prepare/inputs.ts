import type { PrepareStep } from "./prepare-step.ts";

/** Input files and stdin, as they were stored with the job. Most jobs have none and cost no query. */
export const inputs: PrepareStep = {
  async run({ store }, { id, spec }) {
    if (spec.view.files === undefined && spec.view.stdin === undefined) return {};
    const { files, stdin } = await store.jobs.inputs(id);
    return { files, ...(stdin !== null && { stdin }) };
  },
};

/** The files alone: for the first stage of a job, where more follow in the same folder. */
export const inputFiles: PrepareStep = {
  async run({ store }, { id, spec }) {
    return spec.view.files === undefined ? {} : { files: (await store.jobs.inputs(id)).files };
  },
};

/** The rest: for the user's stage, where one before it had the files. */
export const standardInput: PrepareStep = {
  async run({ store }, { id, spec }) {
    const stdin = spec.view.stdin === undefined ? null : (await store.jobs.inputs(id)).stdin;
    return stdin === null ? {} : { stdin };
  },
};
