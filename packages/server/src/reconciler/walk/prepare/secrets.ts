import { EngineError } from "../../../engines/engine.ts";
import type { PrepareStep } from "./prepare-step.ts";

/** What the job is given to know: opened for its start alone. Most have none, and nothing is asked for them. */
export const secrets: PrepareStep = {
  async run({ jobSecrets }, { id, spec }) {
    if (!spec.mentions("secrets")) return {};
    try {
      const given = (await jobSecrets?.given({ id, spec })) ?? null;
      return given === null ? {} : { secrets: given };
    } catch (error) {
      // What is lost is not found by trying again.
      const why = error instanceof Error ? error.message : "its secrets cannot be read";
      throw new EngineError(`Cannot start job "${id}": ${why}`, {
        blame: "engine",
        retryable: false,
        cause: error,
      });
    }
  },
};
