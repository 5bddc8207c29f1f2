import type { Rule } from "../../../core/access/role.ts";
import { roleId } from "../ids.ts";
import { secretOf, tokenOf } from "../runner-secrets.ts";

/** What Kriten's roles are about. */
export const kritenResources = ["runners", "tasks", "jobs", "users", "roles", "role_bindings", "*"] as const;
export const kritenLevels = ["read", "write"] as const;

export type KritenResource = (typeof kritenResources)[number];
export type KritenLevel = (typeof kritenLevels)[number];

type Verbs = Rule["verbs"];

const READ: Verbs = ["read", "list"];
/** All but what keeps the server itself. */
const WRITE: Verbs = ["read", "list", "create", "update", "delete", "execute", "stop", "open"];
/** Of tasks: to run one is to write `jobs`. */
const KEEP: Verbs = ["read", "list", "create", "update", "delete"];
const ours = {
  runners: "runners",
  tasks: "tasks",
  users: "users",
  roles: "roles",
  role_bindings: "bindings",
} as const;

/**
 * The rules of a role of Kriten's. To write jobs is to run tasks, whose names it gives, and to see what came of them; to write
 * runners is to keep their secrets too, where they are named. `*` is all of these resources, on the level that is asked for.
 */
export function rulesOfKriten(
  resource: KritenResource,
  { names, level }: { names: readonly string[]; level: KritenLevel },
): Rule[] {
  if (resource === "*")
    return kritenResources
      .filter((one) => one !== "*")
      .flatMap((one) => rulesOfKriten(one, { names: ["*"], level }));
  const written = resource === "tasks" ? KEEP : WRITE;
  const verbs = level === "read" ? READ : written;
  if (resource === "jobs") return jobRules(names, level);
  const rules: Rule[] = [{ resource: ours[resource], names, verbs }];
  return resource === "runners" && level === "write" ? [...rules, ...secretRules(names)] : rules;
}

/** What ran is seen by whoever ran it; to see what others ran takes all names. */
function jobRules(names: readonly string[], level: KritenLevel): Rule[] {
  const isAll = names.includes("*");
  const seen: Rule[] = isAll ? [{ resource: "jobs", names, verbs: READ }] : [];
  const run: Rule[] = level === "write" ? [{ resource: "tasks", names, verbs: ["execute"] }] : [];
  const rules = [...run, ...seen];
  // A role has to allow something: no job is called so.
  return rules.length > 0 ? rules : [{ resource: "jobs", names, verbs: READ }];
}

/** By name alone: rules meet no part of a name, and all secrets are more than those of runners. */
function secretRules(names: readonly string[]): Rule[] {
  const named = names.filter((name) => name !== "*").flatMap((name) => [secretOf(name), tokenOf(name)]);
  return named.length === 0 ? [] : [{ resource: "secrets", names: named, verbs: WRITE }];
}

/** A role as Kriten shows it: of one that says more than Kriten can, all that it is about. */
export function shownRole({ name, rules }: { name: string; rules: readonly Rule[] }) {
  const about = rules.filter(({ resource }) => resource !== "secrets");
  const kinds = [...new Set(about.map(resourceOf))];
  const isWrite = about.some(({ verbs }) => verbs.some((verb) => !READ.includes(verb)));
  return {
    id: roleId(name),
    name,
    resource: kinds.length > 2 ? "*" : (kinds[0] ?? "*"),
    resource_ids: [...new Set(about.flatMap(({ names }) => names))],
    access: isWrite ? "write" : "read",
  };
}

function resourceOf({ resource, verbs }: Rule): string {
  if (resource === "tasks" && verbs.length === 1 && verbs[0] === "execute") return "jobs";
  return resource === "bindings" ? "role_bindings" : resource;
}
