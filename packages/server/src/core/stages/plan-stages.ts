import type { JobSpec } from "@berth/protocol";
import type { InfrastructureKind } from "./kinds.ts";

/** What must be done before the user's code can run, in order. A plain command needs nothing. */
export function stagesBefore({ archive }: JobSpec): readonly InfrastructureKind[] {
  return archive === undefined ? [] : ["unpack"];
}
