import type { NetworkSpec } from "@berth/protocol";
import { requestInvalid } from "../../core/input/check.ts";
import { digestOf, type NetworkRules } from "../../core/network/profile.ts";
import { rulesOf } from "../../core/network/rules-of.ts";

/** Throws REQUEST_INVALID where nobody should rely on an entry of it. */
export function rulesOfSpec(spec: NetworkSpec): NetworkRules {
  const made = rulesOf(spec);
  if ("rules" in made) return made.rules;
  throw requestInvalid(made.problems.map(({ at, message }) => ({ field: `spec.addresses[${at}]`, message })));
}

/** The same for all profiles that open the same. */
export function digestOfSpec(spec: NetworkSpec): string {
  return digestOf(rulesOfSpec(spec));
}
