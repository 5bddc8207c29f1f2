import type { Limits } from "../../../core/limits.ts";
import type { ReconcilerContext } from "../../context.ts";
import type { LaunchPart } from "./launch-part.ts";
import type { PrepareStep } from "./prepare-step.ts";

/** The files that stdout and stderr are appended to, and how far. */
export const output: PrepareStep = {
  run: (context, job) => outputOf(context, { outputId: job.id, limits: job.limits }),
};

export async function outputOf(
  { logs }: ReconcilerContext,
  { outputId, limits }: { outputId: string; limits: Pick<Limits, "outputBytes" | "overflow"> },
): Promise<LaunchPart> {
  const { outputBytes, overflow } = limits;
  const limitBytes = outputBytes.value === 0 ? null : outputBytes.value;
  return { output: { ...(await logs.create(outputId)), limitBytes, overflow } };
}
