import {
  type Applied,
  type AppliedItem,
  appliedKinds,
  BerthError,
  type Definitions,
  type Problem,
} from "@berth/protocol";
import { givenRoles } from "../../../auth/roles.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import { foldName } from "../../../core/access/fold-name.ts";
import { keyOf } from "../../../core/caller/principal.ts";
import { requestInvalid } from "../../../core/input/check.ts";
import type { Context } from "../../context.ts";
import { listBindings } from "../../roles/list-bindings.ts";
import { withDrafts } from "./drafts.ts";
import { planBinding } from "./plan-binding.ts";
import { planDefinition } from "./plan-definition.ts";
import { planRole } from "./plan-role.ts";
import { listOf, type Plan, type Planning } from "./planned.ts";
import { isRefusal, type Refusal, refusedAll } from "./refused.ts";

interface PlannedEntry {
  kind: AppliedItem["kind"];
  field: string;
  plan: Plan;
}

/**
 * Has all of these be as they are written, or none of them: what is there already and says the same is left alone, what is
 * not named stays. Everything is checked first, with each entry as its own operation checks it, and every one that is refused
 * is named. Throws as defining each of them does; VERSION_CHANGED and the like where somebody was faster.
 */
export async function applyDefinitions(
  context: Context,
  { caller, definitions, dryRun }: { caller: Caller; definitions: Definitions; dryRun: boolean },
): Promise<Applied> {
  const twice = doubled(definitions);
  if (twice.length > 0) throw requestInvalid(twice);
  const planned = await planAll(context, { caller, definitions });
  if (!dryRun) await write(context, { caller, planned });
  const items: AppliedItem[] = [];
  for (const { kind, field, plan } of planned) {
    const { name, action, from, to, changes } = plan;
    const isNew = !dryRun && action === "create" && kind !== "role" && kind !== "binding";
    if (isNew) await context.turns.pass(keyOf(caller.principal));
    const made = isNew ? await context.store.definitions.get(kind, name) : null;
    items.push({ field, kind, name, action, from, to: made?.version ?? to, changes: [...changes] });
  }
  return { dryRun, items };
}

/** In the order in which each may need those before it. Throws with all that are refused. */
async function planAll(
  context: Context,
  { caller, definitions }: { caller: Caller; definitions: Definitions },
): Promise<PlannedEntry[]> {
  const drafted = { ...context, store: withDrafts(context.store) };
  const planning: Planning = { context: drafted, caller, roles: new Map(), made: { role: 0, binding: 0 } };
  const planned: PlannedEntry[] = [];
  const refusals: Refusal[] = [];
  const given = await seenBindings(context, { caller, definitions });
  const asGiven = new Set(given.map(bindingKey));
  const isGiven: Parameters<typeof planBinding>[1]["isGiven"] = (one) => asGiven.has(bindingKey(one));
  const one = async (kind: AppliedItem["kind"], at: number, plan: () => Promise<Plan>): Promise<void> => {
    const field = `${listOf[kind]}[${at}]`;
    // Thousands of entries read the database thousands of times: others have their turn between two.
    await context.turns.pass(keyOf(caller.principal));
    try {
      planned.push({ kind, field, plan: await plan() });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusals.push({ field, error });
    }
  };
  for (const [at, role] of (definitions.roles ?? []).entries())
    await one("role", at, () => planRole(planning, role));
  for (const [at, binding] of (definitions.bindings ?? []).entries())
    await one("binding", at, () => planBinding(planning, { ...binding, isGiven }));
  const { store } = context;
  for (const kind of ["runner", "task", "schedule", "webhook"] as const)
    for (const [at, { name, spec }] of (definitions[listOf[kind]] ?? []).entries())
      await one(kind, at, () => planDefinition(planning, { kind, name, spec, store }));
  const refused = refusedAll(refusals, planned.length + refusals.length);
  if (refused !== null) throw refused;
  return planned;
}

/** Those that the caller may see; none for whoever may see none. */
async function seenBindings(
  context: Context,
  { caller, definitions }: { caller: Caller; definitions: Definitions },
): Promise<Given[]> {
  if (definitions.bindings === undefined) return [];
  try {
    return await listBindings(context, { caller });
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
}

async function write(
  { store, roles, schedules, turns }: Context,
  { caller, planned }: { caller: Caller; planned: readonly PlannedEntry[] },
): Promise<void> {
  const changing = planned.flatMap(({ field, kind, plan }) =>
    plan.write === null ? [] : [{ field, kind, write: plan.write, tell: plan.tell }],
  );
  const written = await store.together(changing.map((one) => one.write));
  if ("failed" in written) {
    const { said: error, failed } = written;
    const field = changing[failed]?.field ?? "";
    throw (
      (error instanceof BerthError ? refusedAll([{ field, error }], planned.length) : null) ??
      new BerthError("VERSION_CHANGED", "Cannot apply, and nothing was changed: somebody was faster")
    );
  }
  if (changing.some(({ kind }) => kind === "role" || kind === "binding"))
    await roles.reload(() => givenRoles(store));
  if (changing.some(({ kind }) => kind === "schedule")) schedules.changed();
  for (const { tell } of changing) {
    await turns.pass(keyOf(caller.principal));
    tell();
  }
}

/** Two entries of one name would both be right at no time. */
function doubled(definitions: Definitions): Problem[] {
  return appliedKinds.flatMap((kind) => {
    const first = new Map<string, number>();
    return (definitions[listOf[kind]] ?? []).flatMap((entry, at): Problem[] => {
      const key = "name" in entry ? entry.name : bindingKey(subjectIn(entry));
      const before = first.get(key);
      if (before === undefined) {
        first.set(key, at);
        return [];
      }
      const field = `${listOf[kind]}[${at}]${"name" in entry ? ".name" : ""}`;
      return [{ field, message: `is that of ${listOf[kind]}[${before}] too` }];
    });
  });
}

interface Given {
  role: string;
  kind: "user" | "group";
  subject: string;
}

function subjectIn(entry: { role: string; user?: string | undefined; group?: string | undefined }): Given {
  return entry.group === undefined
    ? { role: entry.role, kind: "user", subject: entry.user ?? "" }
    : { role: entry.role, kind: "group", subject: foldName(entry.group) };
}

function bindingKey({ role, kind, subject }: Given): string {
  return JSON.stringify([role, kind, subject]);
}
