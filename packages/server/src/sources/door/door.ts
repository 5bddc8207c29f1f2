import type { NetworkRules } from "../../core/network/profile.ts";

/** One way out of a stage that has no network: to one host and port, and by what judges where that leads. */
export interface Door {
  id: string;
  /** In which it is opened, as `name`. */
  folder: string;
  name: string;
  host: string;
  port: number;
  /** Of a network profile; null: what is public. */
  rules: NetworkRules | null;
  /** What may be reached besides, by the operator's word: ranges. */
  allowed: readonly string[];
  /** So much may come in through it, in all. */
  mostBytes: number;
}

/** Why what was asked of a door did not come about, where it knows: this is the server's own word, and not the stage's. */
export interface Seen {
  reason: "refused_address" | "host_not_found" | "unreachable" | "too_large";
  detail: string;
}

export type ToDoors = { kind: "open"; door: Door } | { kind: "close"; id: string };

export type FromDoors =
  | { kind: "opened"; id: string; problem: string | null }
  | { kind: "seen"; id: string; seen: Seen }
  | { kind: "closed"; id: string };
