import type { NetworkSpec } from "@berth/protocol";

/** What the operator's settings say of networks. */
export interface NetworkPolicy {
  /** Profiles of berth.yaml, by name. */
  readonly defined: Readonly<Record<string, NetworkSpec>>;
  /** What whoever is no administrator may use, beside `none`. */
  readonly allowed: readonly string[];
  /** Of jobs that name none. */
  readonly default: string;
}
