import { BerthError, type Permission, type RunnerSpec } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import { type DefinitionKind, parentKind } from "../../../core/task/definition.ts";
import type { Context } from "../../context.ts";
import { demandCallbacks } from "../deliveries/demand-callbacks.ts";
import { demandNetwork } from "../../jobs/submit/granted-network.ts";
import { demandSecret } from "../../jobs/submit/given-secrets.ts";
import { requestInvalid } from "../../../core/input/check.ts";
import { whyNoCertificates } from "../../../core/input/certificates.ts";
import { sourceOf } from "../../../core/task/source.ts";
import { demandSourceTools } from "../../jobs/submit/source-of-run.ts";
import { demandEngine } from "../../server/may-use-engine.ts";
import { demandImage } from "../../server/may-use-image.ts";
import { demandSchedulable } from "../schedules/demand-schedulable.ts";
import { demandCallable } from "../webhooks/demand-callable.ts";
import { notFound, type SpecOf } from "./kinds.ts";

const useRunner: Permission = { resource: "runners", verb: "execute" };

/**
 * Whoever writes a definition must be allowed to use what it names: whoever may run it then uses that without a right of
 * their own. Throws SECRET_NOT_ALLOWED, NETWORK_UNKNOWN, NETWORK_NOT_ALLOWED, ENGINE_UNKNOWN,
 * ENGINE_NOT_ALLOWED, IMAGE_NOT_ALLOWED, RUNNER_NOT_FOUND, REQUEST_INVALID, SOURCE_TOOL_MISSING.
 */
export async function demandUsable<K extends DefinitionKind>(
  context: Context,
  { caller, kind, spec: said }: { caller: Caller; kind: K; spec: SpecOf[K] },
): Promise<void> {
  const spec: SpecOf[DefinitionKind] = said;
  if ("cron" in spec) return await demandSchedulable(context, { caller, spec });
  if ("secret" in spec) return await demandCallable(context, { caller, spec });
  const what = `Cannot define ${kind}`;
  for (const { name } of spec.secrets ?? []) await demandSecret(context, { caller, name, what });
  if (spec.network !== undefined) await demandNetwork(context, { caller, name: spec.network, what });
  if (!("runner" in spec)) {
    const { engine: name = context.policy.defaultEngine } = spec;
    if (!context.engines.has(name)) {
      const known = [...context.engines.keys()].join(", ");
      throw new BerthError("ENGINE_UNKNOWN", `${what}: engine "${name}" is not here, known: ${known}`);
    }
    await demandEngine(context, { caller, name, what });
    if (spec.image !== undefined) await demandImage(context, { caller, image: spec.image, what });
    return await demandSource(context, { caller, spec, engine: name, what });
  }
  const runner = await context.store.definitions.get("runner", spec.runner);
  const target = { owner: runner?.owner ?? "", called: spec.runner };
  if (runner === null || !(await context.access.allows(caller, useRunner, target)))
    throw noParent("task", spec.runner);
  await demandCallbacks(context, { caller, spec, what });
  if (spec.input !== undefined) await context.inputs.demandSchema(spec.input, caller);
}

/** Where its code comes from has to be a place for git, and what is shown there a secret that the caller may use. */
async function demandSource(
  context: Context,
  { caller, spec, engine: name, what }: { caller: Caller; spec: RunnerSpec; engine: string; what: string },
): Promise<void> {
  const read = sourceOf(spec);
  const why = spec.ca === undefined ? null : whyNoCertificates(spec.ca);
  const ofCa = why === null ? [] : [{ field: "spec.ca", message: why }];
  if ("problems" in read) throw requestInvalid([...read.problems, ...ofCa]);
  if (ofCa.length > 0) throw requestInvalid(ofCa);
  const { source } = read;
  if (source === null) return;
  if (source.credentials !== null)
    await demandSecret(context, { caller, name: source.credentials.secret, what });
  const engine = context.engines.get(name);
  if (engine?.capabilities.sources === true) demandSourceTools(engine, { source, what });
}

/** Said of one that is not there, and of one that the caller may not use. */
export function noParent(kind: DefinitionKind, name: string | null): BerthError {
  return notFound(parentKind[kind] ?? kind, name ?? "");
}
