import type { JobSpec } from "@berth/protocol";
import type { Source } from "../task/source.ts";
import type { InfrastructureKind } from "./kinds.ts";

/** What must be done before the user's code can run, in order. A plain command needs nothing. */
export function stagesBefore({ archive }: Pick<JobSpec, "archive">): readonly InfrastructureKind[] {
  return archive === undefined ? [] : ["unpack"];
}

/** What comes before these where the code comes from a repository: nothing, where the commit is known and kept. */
export function stagesFor(source: Source | null): readonly InfrastructureKind[] {
  return source === null || source.commit !== null ? [] : ["clone"];
}
