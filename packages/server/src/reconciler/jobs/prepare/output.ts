import type { PrepareStep } from "./prepare-step.ts";

/** The files that stdout and stderr are appended to. */
export const output: PrepareStep = {
  name: "output",
  async run({ logs }, job) {
    return { output: await logs.create(job.id) };
  },
};
