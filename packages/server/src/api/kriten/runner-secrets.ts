import { BerthError, isBerthError, type SecretUse, secretMask } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../../operations/context.ts";
import { createSecret } from "../../operations/secrets/create-secret.ts";
import { deleteSecret } from "../../operations/secrets/delete-secret.ts";
import { getSecret } from "../../operations/secrets/get-secret.ts";
import { updateSecret } from "../../operations/secrets/update-secret.ts";

/** The key under which a token for git lies. */
export const TOKEN_KEY = "token";

type Values = Readonly<Record<string, string>>;

interface Named {
  caller: Caller;
  name: string;
}

/** What the jobs of a runner are given. No two runners, and no token of one, have the same name here. */
export function secretOf(runner: string): string {
  return `runner-${runner}`;
}

/** What is shown to the host of a runner's repository, and never to a job. */
export function tokenOf(runner: string): string {
  return `git-${runner}`;
}

/** Each key as a file, and as a variable where it can be one, as Kriten's jobs have it. */
export function useOf(name: string, keys: readonly string[]): SecretUse[] {
  if (keys.length === 0) return [];
  const variables = keys.filter((key) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !TAKEN.test(key));
  const env = Object.fromEntries(variables.map((key) => [key, key]));
  return [{ name, keys: [...keys], ...(variables.length > 0 && { env }) }];
}

/** A job has these from the server: a key of the name is a file alone. */
const TAKEN = /^(?:BERTH_.*|PATH|HOME|USER|LANG|LD_.*|EXTRA_VARS|EXTRA_VARS_FILE)$/;

/** The keys of one; null where there is none, or none that the caller may see. */
export async function keysOf(context: Context, { caller, name }: Named): Promise<readonly string[] | null> {
  try {
    return (await getSecret(context, { caller, name })).keys;
  } catch (error) {
    if (isBerthError(error) && (error.code === "SECRET_NOT_FOUND" || error.code === "FORBIDDEN")) return null;
    throw error;
  }
}

/** Makes one of these values, the mask and the empty text being none; returns its keys, nothing where there is nothing to keep. */
export async function makeSecret(
  context: Context,
  { caller, name, values }: Named & { values: Values },
): Promise<readonly string[]> {
  const given = Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== "" && value !== secretMask),
  );
  if (Object.keys(given).length === 0) return [];
  return (await createSecret(context, { caller, name, values: given, short: true })).keys;
}

/**
 * Changes one: the mask keeps a value, the empty text takes its key away. `use` is told the keys that are left before any is
 * taken away, so that nothing refers to one that is not there. Returns these keys.
 */
export async function changeSecret(
  context: Context,
  { caller, name, values }: Named & { values: Values },
  use: (keys: readonly string[]) => Promise<unknown>,
): Promise<readonly string[]> {
  const before = (await keysOf(context, { caller, name })) ?? [];
  const gone = before.filter((key) => values[key] === "");
  const set = Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== "" && value !== secretMask),
  );
  const hasNew = Object.keys(set).length > 0;
  if (before.length === 0 && hasNew) await createSecret(context, { caller, name, values: set, short: true });
  else if (hasNew) await updateSecret(context, { caller, name, values: set, short: true });
  const left = [...new Set([...before, ...Object.keys(set)])].filter((key) => !gone.includes(key));
  await use(left);
  if (gone.length > 0 && left.length === 0) await dropSecret(context, { caller, name });
  else if (gone.length > 0)
    await updateSecret(context, {
      caller,
      name,
      values: Object.fromEntries(gone.map((key) => [key, ""])),
      short: true,
    });
  return left;
}

/** Deletes one that may not be there; one that a job has still stays, and nothing refers to it. */
export async function dropSecret(context: Context, { caller, name }: Named): Promise<void> {
  try {
    await deleteSecret(context, { caller, name });
  } catch (error) {
    if (!(error instanceof BerthError) || !LEFT.has(error.code)) throw error;
  }
}

const LEFT: ReadonlySet<string> = new Set(["SECRET_NOT_FOUND", "SECRET_IN_USE", "FORBIDDEN"]);
