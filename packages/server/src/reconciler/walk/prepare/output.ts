import type { PrepareStep } from "./prepare-step.ts";

/** The files that stdout and stderr are appended to, and how far. */
export const output: PrepareStep = {
  async run({ logs }, job) {
    const { outputBytes, overflow } = job.limits;
    const limitBytes = outputBytes.value === 0 ? null : outputBytes.value;
    return { output: { ...(await logs.create(job.id)), limitBytes, overflow } };
  },
};
