import { type Source, sourceOf } from "@berth/protocol";
import type { Job } from "../../../core/job.ts";
import type { Launch } from "../../../engines/engine.ts";
import type { ReconcilerContext } from "../../context.ts";
import { environment } from "./environment.ts";
import { inputs } from "./inputs.ts";
import { output } from "./output.ts";
import type { PrepareStep } from "./prepare-step.ts";

const steps: readonly PrepareStep[] = [inputs, environment, output];

/** Everything the engine needs to run this job. Safe to repeat after a crash. */
export async function prepare(context: ReconcilerContext, job: Job & { handle: string }): Promise<Launch> {
  const launch: Launch = {
    id: job.id,
    handle: job.handle,
    ...commandLineOf(sourceOf(job.spec)),
    env: {},
    workdir: job.spec.workdir ?? "/work",
    files: [],
    stdin: null,
    limits: job.limits,
    network: "none",
    output: { stdout: "", stderr: "", index: "", limitBytes: null, overflow: "stop" },
  };
  for (const step of steps) Object.assign(launch, await step.run(context, job));
  return launch;
}

/** What a source has the sandbox run. */
function commandLineOf(source: Source): Pick<Launch, "command" | "args"> {
  switch (source.kind) {
    case "command":
      return { command: source.command, args: source.args };
    default:
      return source.kind satisfies never;
  }
}
