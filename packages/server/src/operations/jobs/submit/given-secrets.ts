import { BerthError, type Permission } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import { requestInvalid } from "../../../core/input/check.ts";
import type { SpecHead } from "../../../core/input/read-spec.ts";
import type { SecretValues } from "../../../core/secrets/merge-update.ts";
import { secretsOfJob } from "../../../core/secrets/secrets-of-job.ts";
import type { Engine } from "../../../engines/engine.ts";
import type { JobSecret } from "../../../store/secret-store.ts";
import { noteRefusal } from "../../access/note-refusal.ts";
import type { Context } from "../../context.ts";

/** To use a secret is to execute it: nothing else is needed, and nobody sees more by it. */
const use: Permission = { resource: "secrets", verb: "execute" };

interface SecretsAsked {
  caller: Caller;
  engine: Engine;
  head: Pick<SpecHead, "secrets">;
  variables: readonly string[];
  /** Whoever defined the task that asks for them was allowed to use them. */
  isVouchedFor: boolean;
}

/**
 * Which versions of its secrets a job gets: those of now. Nothing is asked for a job without any. Throws ENGINE_UNABLE,
 * SECRET_NOT_ALLOWED also for what is not there, SECRET_MISSING, REQUEST_INVALID, SECRET_KEY_MISSING.
 */
export async function givenSecrets(
  { access, audit, secrets }: Pick<Context, "access" | "audit" | "secrets">,
  { caller, engine, head, variables, isVouchedFor }: SecretsAsked,
): Promise<JobSecret[]> {
  const uses = head.secrets ?? [];
  if (uses.length === 0) return [];
  if (!engine.capabilities.secrets) throw unable(engine);
  const pinned = new Map<string, JobSecret & { values: SecretValues }>();
  for (const { name } of uses) {
    if (!isVouchedFor) await demandSecret({ access, audit }, { caller, name });
    const found = await secrets.pin(name);
    if (found === null)
      throw new BerthError("SECRET_MISSING", `Cannot submit job: there is no secret "${name}"`);
    pinned.set(name, found);
  }
  const made = secretsOfJob(uses, { valuesOf: (name) => pinned.get(name)?.values ?? new Map(), variables });
  if ("problems" in made) throw requestInvalid(made.problems);
  return [...pinned.values()].map(({ name, version }) => ({ name, version }));
}

function unable({ name }: Engine): BerthError {
  const problems = [{ field: "secrets", message: `${name} has no way to give secrets to jobs` }];
  const why = `engine "${name}" has no way to give secrets to jobs`;
  return new BerthError("ENGINE_UNABLE", `Cannot submit job: ${why}`, {
    problems,
    fix: "Run `berth doctor`: it says what the engine's host lacks for it",
  });
}

/** Throws SECRET_NOT_ALLOWED, also for what is not there. */
export async function demandSecret(
  { access, audit }: Pick<Context, "access" | "audit">,
  { caller, name, what = "Cannot submit job" }: { caller: Caller; name: string; what?: string },
): Promise<void> {
  if (await access.allows(caller, use, { called: name })) return;
  noteRefusal({ audit }, caller, { permission: use, name });
  const who = caller.principal.name;
  throw new BerthError("SECRET_NOT_ALLOWED", `${what}: "${who}" may not use secret "${name}"`);
}
