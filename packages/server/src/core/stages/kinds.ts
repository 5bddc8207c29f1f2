import type { NetworkGrant } from "../network/profile.ts";
import { plainSurroundings, type Surroundings, surroundingsOf } from "./surroundings.ts";

/**
 * The kinds of stages, as data. User code is never started twice. What is infrastructure may be repeated after a crash
 * or a fault of the engine, `attempts` times at most. Of a job's first stage the folder is thrown away before, so each
 * attempt begins anew; a later one finds what the attempt before left, and has to put up with it.
 * What needs the server while it runs is begun again where that was away. Its surroundings are asked of the engine before the job is stored. What a kind launches is known to
 * `reconciler/walk/launches`.
 */
export const stageKinds = {
  unpack: { runs: "infrastructure", attempts: 5, surroundings: plainSurroundings, needsServer: false },
  clone: { runs: "infrastructure", attempts: 5, surroundings: plainSurroundings, needsServer: true },
  command: { runs: "user-code" },
} as const satisfies Record<
  string,
  | { runs: "user-code" }
  | { runs: "infrastructure"; attempts: number; surroundings: Surroundings; needsServer: boolean }
>;

export type StageKind = keyof typeof stageKinds;

/** The kinds that may come before the user's stage. */
export type InfrastructureKind = {
  [Kind in StageKind]: (typeof stageKinds)[Kind]["runs"] extends "infrastructure" ? Kind : never;
}[StageKind];

export function isInfrastructure(kind: StageKind): kind is InfrastructureKind {
  return stageKinds[kind].runs === "infrastructure";
}

/** What a stage of this kind is put into. The user's code gets the network that was granted to the job. */
export function surroundingsOfStage(kind: StageKind, network: NetworkGrant): Surroundings {
  return isInfrastructure(kind) ? stageKinds[kind].surroundings : surroundingsOf(network);
}
