import type { Limits } from "../../../core/limits.ts";
import type { OutputFiles } from "../../../logs/log-store.ts";
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
  return partOf(await logs.create(outputId), limits);
}

/** Where they will be, of a job that is still being stored: a sweep would take them for nobody's. */
export const outputToCome: PrepareStep = {
  run: async ({ logs }, job) => partOf(logs.files(job.id), job.limits),
};

function partOf(
  files: OutputFiles,
  { outputBytes, overflow }: Pick<Limits, "outputBytes" | "overflow">,
): LaunchPart {
  const limitBytes = outputBytes.value === 0 ? null : outputBytes.value;
  return { output: { ...files, limitBytes, overflow } };
}
