import { BerthError, operations } from "@berth/protocol";
import { createToken as makeToken, type TokenForm, unauthenticated } from "../../auth/tokens.ts";
import { makerOf } from "../access/maker-of.ts";
import type { Caller } from "../../core/caller/caller.ts";
import { givenNameProblem } from "../../core/access/principal-name.ts";
import { ruleText } from "../../core/access/lacking.ts";
import type { Rule } from "../../core/access/role.ts";
import { common } from "../../core/access/scope.ts";
import type { ApiToken } from "../../store/store.ts";
import { isAdministrator } from "../access/demand-keeper.ts";
import { lastEnd } from "../access/last-end.ts";
import { rulesOfName } from "../access/rules-of.ts";
import type { Context } from "../context.ts";
import { roleProblems } from "../roles/role-problems.ts";
import { refuseDeleted } from "../users/find-user.ts";

/** Of one name; those that have expired make room. */
const mostTokens = 500;

export interface TokenRequest {
  caller: Caller;
  user: string;
  ttlMs: number;
  label: string | null;
  /** The most that it may be used for; null: all that the name may do. */
  scope: readonly Rule[] | null;
  /** How its text is written. Default: as our own. */
  form?: TokenForm;
}

/**
 * Makes a token by which somebody is the principal `user`, with what that name may do and the scope allows. The text is
 * nowhere but in the answer. Throws FORBIDDEN, REQUEST_INVALID, TOO_MANY_TOKENS, USER_NOT_FOUND for a deleted account.
 */
export async function createToken(
  context: Context,
  { caller, user, ttlMs, label, scope: asked, form = "berth" }: TokenRequest,
): Promise<{ text: string; stored: ApiToken }> {
  const { access, accounts, store, audit, events, now } = context;
  await access.demand(caller, operations.createToken.permission, { owner: user });
  refuseUnfit(user, asked);
  const account = accounts.find(user);
  if (account !== null) refuseDeleted(account);
  const given = rulesOfName(context, user);
  const scope = within(caller, ofAnother(context, { caller, user, asked, given }));
  await access.demandHeld(
    caller,
    operations.createToken.permission,
    scope === null ? given : common(given, scope),
  );
  await makeRoom(context, user);
  const createdAt = now();
  const expiresAt = Math.min(createdAt + ttlMs, lastEnd(caller));
  const made = makeToken(
    { name: user, role: "user" },
    { createdAt, expiresAt, label, scope, form, madeBy: makerOf(caller) },
  );
  const record = audit.entry(caller, {
    ...operations.createToken.permission,
    name: made.stored.id,
    about: { owner: user, label, expiresAt, scope: scope?.map(ruleText) ?? null },
  });
  if (!(await store.audited(record).tokens.insert(made.stored, account?.id ?? null))) {
    if (account === null || accounts.find(user)?.deletedAt === null)
      throw unauthenticated("the token is not known");
    throw new BerthError("USER_NOT_FOUND", `Cannot make a token for "${user}": the account is deleted`);
  }
  events.accessChanged({ what: "Token made", id: made.stored.id, user }, caller);
  return made;
}

function refuseUnfit(user: string, scope: readonly Rule[] | null): void {
  const message = givenNameProblem(user);
  if (message !== null) {
    const problems = [{ field: "user", message }];
    throw new BerthError("REQUEST_INVALID", `Cannot make a token for "${user}": the name ${message}`, {
      problems,
    });
  }
  const problems = roleProblems(scope ?? [], "scope");
  if (problems.length > 0)
    throw new BerthError("REQUEST_INVALID", `Cannot make a token for "${user}"`, { problems });
}

/**
 * Whoever makes a token for another name keeps its text: without a bound it would grow with what that name is given later, by
 * somebody who knows nothing of it. An administrator has it all anyway.
 */
function ofAnother(
  context: Context,
  {
    caller,
    user,
    asked,
    given,
  }: Pick<TokenRequest, "caller" | "user"> & {
    asked: readonly Rule[] | null;
    given: readonly Rule[];
  },
): readonly Rule[] | null {
  if (user === caller.principal.name || isAdministrator(context, caller)) return asked;
  const now = [...new Map(given.map((rule) => [ruleText(rule), rule])).values()];
  return asked === null ? now : common(now, asked);
}

/** By a token with a scope nobody makes one that is good for more, neither now nor when its holder is given more. */
function within({ scope }: Caller, asked: readonly Rule[] | null): readonly Rule[] | null {
  if (scope === undefined) return asked;
  return asked === null ? scope : common(scope, asked);
}

async function makeRoom({ store, audit, now }: Context, user: string): Promise<void> {
  const { items } = await store.tokens.list({ principal: user, limit: mostTokens, cursor: null });
  if (items.length < mostTokens) return;
  const dead = items.filter(({ expiresAt }) => expiresAt !== null && expiresAt <= now());
  if (dead.length === 0)
    throw new BerthError(
      "TOO_MANY_TOKENS",
      `Cannot make a token for "${user}": there are ${mostTokens} that hold`,
    );
  for (const { id } of dead) {
    const about = { user, why: "expired" };
    const record = audit.ofServer({ verb: "delete", resource: "tokens", name: id, about });
    await store.audited(record).tokens.delete(id, now());
  }
}
