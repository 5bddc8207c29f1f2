import { BerthError, operations } from "@berth/protocol";
import { oneTimePassword } from "../../auth/passwords/one-time.ts";
import { passwordProblem } from "../../auth/passwords/rules.ts";
import type { Caller } from "../../core/caller/caller.ts";
import { rulesOfName } from "../access/rules-of.ts";
import type { Context } from "../context.ts";
import { keepPassword } from "./keep-password.ts";
import { findUser, refuseDeleted } from "./find-user.ts";

export interface SetPasswordRequest {
  caller: Caller;
  name: string;
  /** null: none any more; left out: one is made. */
  password: string | null | undefined;
}

/**
 * Gives an account a password that it has to change, or takes it away; either ends its sessions. Returns what was made.
 * Throws USER_NOT_FOUND, REQUEST_INVALID.
 */
export async function setUserPassword(
  context: Context,
  { caller, name, password }: SetPasswordRequest,
): Promise<string | null> {
  const { access, accounts } = context;
  await access.demand(caller, operations.setUserPassword.permission, { called: name });
  const account = findUser(accounts, name);
  refuseDeleted(account);
  await access.demandHeld(caller, operations.setUserPassword.permission, rulesOfName(context, account.name));
  const message = typeof password === "string" ? passwordProblem(password, account.name) : null;
  if (message !== null) {
    const problems = [{ field: "password", message }];
    throw new BerthError("REQUEST_INVALID", `Cannot set the password of "${name}": it ${message}`, {
      problems,
    });
  }
  const made = password === undefined ? oneTimePassword() : null;
  await keepPassword(context, {
    account,
    caller,
    text: made ?? password ?? null,
    mustChange: true,
    keep: null,
  });
  return made;
}
