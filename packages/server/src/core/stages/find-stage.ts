import type { Stage } from "./stage.ts";

/** The stage of this id, or the last of this kind; null where there is none. */
export function findStage(stages: readonly Stage[], text: string): Stage | null {
  return stages.find(({ id }) => id === text) ?? stages.findLast(({ kind }) => kind === text) ?? null;
}

/** Nothing of it will change any more. */
export function hasEnded({ state }: Pick<Stage, "state">): boolean {
  return state !== "queued" && state !== "preparing" && state !== "running" && state !== "stopping";
}
