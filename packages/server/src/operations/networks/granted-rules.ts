import { grantOf, type GrantedProfile } from "../../core/network/profile.ts";
import type { KnownNetwork } from "./known-networks.ts";
import { rulesOfSpec } from "./rules-of-spec.ts";

/** As many as a server may have profiles. */
const MOST_KEPT = 256;

/** By profile, as it was last changed: a thousand addresses take some milliseconds, and jobs with them come one after the other. */
const kept = new Map<string, Pick<GrantedProfile, "rules" | "digest">>();

/** What a job is granted that names the profile. */
export function grantOfKnown(known: KnownNetwork, observe: boolean): GrantedProfile {
  const key = `${known.source} ${known.name} ${known.updatedAt} ${known.digest}`;
  const found = kept.get(key);
  if (found) return { kind: "profile", name: known.name, observe, ...found };
  const granted = grantOf(known.name, { rules: rulesOfSpec(known.spec), observe });
  const [oldest] = kept.keys();
  if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(key, { rules: granted.rules, digest: granted.digest });
  return granted;
}
