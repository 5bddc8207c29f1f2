import { operations } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import type { DefinitionKind } from "../../../core/task/definition.ts";
import { rulesOfName } from "../../access/rules-of.ts";
import type { Context } from "../../context.ts";
import type { SpecOf } from "./kinds.ts";

type Spec = SpecOf[DefinitionKind];

/**
 * A schedule or a webhook runs as its owner: what it runs, and who can have it run, is for nobody else to say, but for those who may act
 * as the owner anyway, by a token of that name. Throws FORBIDDEN.
 */
export async function demandOwnWords(
  context: Context,
  { caller, owner, before, after }: { caller: Caller; owner: string; before: Spec; after: Spec },
): Promise<void> {
  if (caller.principal.name === owner || wordsOf(before) === wordsOf(after)) return;
  const { permission } = operations.createToken;
  await context.access.demand(caller, permission, { owner });
  await context.access.demandHeld(caller, permission, rulesOfName(context, owner));
}

/** Nothing of a runner or a task, which run as whoever asks. */
function wordsOf(spec: Spec): string {
  if ("cron" in spec) return JSON.stringify([spec.task, spec.input]);
  return "secret" in spec ? JSON.stringify([spec.task, spec.secret, spec.signature]) : "";
}
