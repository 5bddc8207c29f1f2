import type { JobSpecView, Problem } from "@berth/protocol";
import type { ReadSpec } from "../../../core/input/read-spec.ts";

/** A request for a job in pieces, as it came over the wire. */
export type SpecPieces = readonly Uint8Array[];

/** A ReadSpec as it crosses from the thread: no instance of a class does. */
export interface TakenApart extends Omit<ReadSpec, "kept"> {
  json: Uint8Array;
  view: JobSpecView;
}

/** What came of it; `more` is what else the request says. */
export type SpecReply<More> =
  | { kind: "read"; spec: TakenApart; more: More }
  | { kind: "refused"; message: string; problems: readonly Problem[] };
