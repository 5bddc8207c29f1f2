import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { type KnownSecret, secretNotFound } from "../../secrets/secrets.ts";
import type { Context } from "../context.ts";

export interface SecretRequest {
  caller: Caller;
  name: string;
}

/** Its keys, and never what they hold. Throws SECRET_NOT_FOUND. */
export async function getSecret(
  { access, secrets }: Context,
  { caller, name }: SecretRequest,
): Promise<KnownSecret> {
  await access.demand(caller, operations.getSecret.permission, { called: name });
  const found = await secrets.find(name);
  if (found === null) throw secretNotFound(name);
  return found;
}
