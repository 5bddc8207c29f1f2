import type { Role } from "@berth/protocol";
import type { Rule } from "../../core/access/role.ts";

/** As answers have them: whoever gets them may change their lists. */
export function shownRules(rules: readonly Rule[]): Role["rules"] {
  return rules.map((rule) => ({ ...rule, names: [...rule.names], verbs: [...rule.verbs] }));
}
