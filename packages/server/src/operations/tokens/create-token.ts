import { BerthError, operations } from "@berth/protocol";
import { createToken as makeToken } from "../../auth/tokens.ts";
import type { Caller } from "../../core/caller/caller.ts";
import { givenNameProblem } from "../../core/access/principal-name.ts";
import type { ApiToken } from "../../store/store.ts";
import { rulesOfName } from "../access/rules-of.ts";
import type { Context } from "../context.ts";
import { refuseDeleted } from "../users/find-user.ts";

export interface TokenRequest {
  caller: Caller;
  user: string;
  ttlMs: number;
  label: string | null;
}

/**
 * Makes a token by which somebody is the principal `user`, with what certificates of that name may do. The text is nowhere
 * but in the answer. Throws REQUEST_INVALID, USER_NOT_FOUND for a deleted account.
 */
export async function createToken(
  context: Context,
  { caller, user, ttlMs, label }: TokenRequest,
): Promise<{ text: string; stored: ApiToken }> {
  const { access, accounts, store, audit, events, now } = context;
  await access.demand(caller, operations.createToken.permission, { owner: user });
  const message = givenNameProblem(user);
  if (message !== null) {
    const problems = [{ field: "user", message }];
    throw new BerthError("REQUEST_INVALID", `Cannot make a token for "${user}": the name ${message}`, {
      problems,
    });
  }
  const account = accounts.find(user);
  if (account !== null) refuseDeleted(account);
  await access.demandHeld(caller, operations.createToken.permission, rulesOfName(context, user));
  const createdAt = now();
  const made = makeToken({ name: user, role: "user" }, { createdAt, expiresAt: createdAt + ttlMs, label });
  const { id, expiresAt } = made.stored;
  const record = audit.entry(caller, {
    ...operations.createToken.permission,
    name: id,
    about: { owner: user, label, expiresAt },
  });
  if (!(await store.audited(record).tokens.insert(made.stored, account?.id ?? null)))
    throw new BerthError("USER_NOT_FOUND", `Cannot make a token for "${user}": the account is deleted`);
  events.accessChanged({ what: "Token made", id: made.stored.id, user }, caller);
  return made;
}
