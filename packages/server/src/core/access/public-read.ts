import type { Permission } from "@berth/protocol";
import type { Caller } from "../caller/caller.ts";
import type { Rule } from "./role.ts";

/** What is asked of a server by somebody who says nothing of himself, where that is allowed: what there is to use, and nothing of anybody's. Rules of roles name secrets and tasks of people. */
const publicRules: readonly Rule[] = (["engines", "networks"] as const).map((resource) => ({
  resource,
  names: ["*"],
  verbs: ["read", "list"],
}));

export function isPublic({ resource, verb }: Permission): boolean {
  return publicRules.some((rule) => rule.resource === resource && rule.verbs.includes(verb));
}

/** Somebody of whom nothing is known: whatever is given to the name, no more than what is public. */
export function stranger(arrival: Pick<Caller, "door" | "address" | "requestId">): Caller {
  return {
    ...arrival,
    principal: { name: "anonymous", roles: ["viewer"] },
    groups: [],
    credential: { kind: "none", id: "" },
    scope: publicRules,
  };
}
