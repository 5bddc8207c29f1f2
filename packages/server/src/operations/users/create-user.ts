import { BerthError, operations, type Problem } from "@berth/protocol";
import { oneTimePassword } from "../../auth/passwords/one-time.ts";
import { passwordProblem } from "../../auth/passwords/rules.ts";
import { givenRoles } from "../../auth/roles.ts";
import { foldName } from "../../core/access/fold-name.ts";
import { accountNameProblem } from "../../core/access/principal-name.ts";
import { changesBetween } from "../../core/audit/change.ts";
import type { Caller } from "../../core/caller/caller.ts";
import { newId } from "../../lib/ids.ts";
import { rulesOf } from "../access/rules-of.ts";
import type { Context } from "../context.ts";
import { shownAccount, type ShownAccount } from "./find-user.ts";

/** All of them are in memory. */
const mostUsers = 20_000;

export interface CreateUserRequest {
  caller: Caller;
  name: string;
  display: string | null;
  /** To be changed at the first login; null for none. */
  password: string | null;
  makePassword: boolean;
  roles: readonly string[];
}

/**
 * Makes an account. Whoever comes by a certificate or a token of that name has what is given to the account from then on,
 * and not what the credential brings. Throws REQUEST_INVALID, NAME_TAKEN, TOO_MANY_USERS.
 */
export async function createUser(
  context: Context,
  request: CreateUserRequest,
): Promise<{ account: ShownAccount; password: string | null }> {
  const { access, accounts, groups, store, audit, roles, locks, passwords, events, now } = context;
  const { caller, name, display } = request;
  await access.demand(caller, operations.createUser.permission, { owner: name });
  const problems = problemsOf(context, request);
  if (problems.length > 0)
    throw new BerthError("REQUEST_INVALID", `Cannot make user "${name}"`, { problems });
  // What was given to the name before counts for the account too.
  const subject = { user: name, groups: groups.of(name), roles: ["self", ...request.roles] };
  await access.demandHeld(caller, operations.createUser.permission, rulesOf(context, subject));
  const key = foldName(name);
  if (accounts.find(name) !== null) throw taken(name);
  if (accounts.count >= mostUsers)
    throw new BerthError("TOO_MANY_USERS", `Cannot make user "${name}": there are ${mostUsers}`);
  const made = request.makePassword ? oneTimePassword() : null;
  const text = made ?? request.password;
  const hash = text === null ? null : await passwords.hash(text, { who: caller.address ?? "" });
  const createdAt = now();
  const changes = changesBetween(null, { name, display, roles: request.roles });
  const record = audit.entry(caller, { ...operations.createUser.permission, name, changes });
  const inserted = await store.audited(record).accounts.insert({
    id: newId(),
    name,
    key,
    display,
    createdAt,
    password: hash === null ? null : { hash, at: createdAt, mustChange: true },
    identity: null,
    // With the account, or not at all: nobody is left with less than was asked for.
    roles: new Map(request.roles.map((role) => [role, newId()])),
  });
  const account = await store.accounts.find(key);
  if (!inserted || account === null) throw taken(name);
  await roles.reload(() => givenRoles(store));
  accounts.put(account);
  events.accessChanged({ what: "User made", user: name, roles: request.roles }, caller);
  return { account: shownAccount(locks, account), password: made };
}

function problemsOf({ roles }: Context, { name, password, roles: asked }: CreateUserRequest): Problem[] {
  const ofName = accountNameProblem(name);
  const ofPassword = password === null ? null : passwordProblem(password, name);
  const known = roles.all.map((role) => role.name);
  return [
    ...(ofName === null ? [] : [{ field: "name", message: ofName }]),
    ...(ofPassword === null ? [] : [{ field: "password", message: ofPassword }]),
    ...asked.flatMap((role, at) =>
      known.includes(role) ? [] : [{ field: `roles[${at}]`, message: `must be one of ${known.join(", ")}` }],
    ),
  ];
}

function taken(name: string): BerthError {
  return new BerthError("NAME_TAKEN", `Cannot make user "${name}": there is, or was, one of this name`);
}
