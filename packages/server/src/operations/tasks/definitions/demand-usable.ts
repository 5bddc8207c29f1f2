import { BerthError, type Permission } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import type { DefinitionKind } from "../../../core/task/definition.ts";
import type { Context } from "../../context.ts";
import { demandNetwork } from "../../jobs/submit/granted-network.ts";
import { demandSecret } from "../../jobs/submit/given-secrets.ts";
import { demandEngine } from "../../server/may-use-engine.ts";
import { notFound, type SpecOf } from "./kinds.ts";

const useRunner: Permission = { resource: "runners", verb: "execute" };

/**
 * Whoever writes a definition must be allowed to use what it names: whoever may run it then uses that without a right of
 * their own. Throws SECRET_NOT_ALLOWED, NETWORK_UNKNOWN, NETWORK_NOT_ALLOWED, ENGINE_UNKNOWN,
 * ENGINE_NOT_ALLOWED, RUNNER_NOT_FOUND, REQUEST_INVALID.
 */
export async function demandUsable<K extends DefinitionKind>(
  context: Context,
  { caller, kind, spec }: { caller: Caller; kind: K; spec: SpecOf[K] },
): Promise<void> {
  const what = `Cannot define ${kind}`;
  for (const { name } of spec.secrets ?? []) await demandSecret(context, { caller, name, what });
  if (spec.network !== undefined) await demandNetwork(context, { caller, name: spec.network, what });
  if (!("runner" in spec)) {
    const { engine: name = context.policy.defaultEngine } = spec;
    if (!context.engines.has(name)) {
      const known = [...context.engines.keys()].join(", ");
      throw new BerthError("ENGINE_UNKNOWN", `${what}: engine "${name}" is not here, known: ${known}`);
    }
    return await demandEngine(context, { caller, name, what });
  }
  const runner = await context.store.definitions.get("runner", spec.runner);
  const target = { owner: runner?.owner ?? "", called: spec.runner };
  if (runner === null || !(await context.access.allows(caller, useRunner, target)))
    throw noRunner(spec.runner);
  if (spec.input !== undefined) await context.inputs.demandSchema(spec.input, caller);
}

/** Said of one that is not there, and of one that the caller may not use. */
export function noRunner(name: string): BerthError {
  return notFound("runner", name);
}
