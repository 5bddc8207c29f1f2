import type { Store } from "../../store.ts";
import type { Database } from "../database.ts";
import { accountQueries } from "./accounts.ts";
import { authorityQueries } from "./authorities.ts";
import { bindingQueries } from "./bindings.ts";
import { certificateQueries } from "./certificates.ts";
import { groupQueries } from "./groups.ts";
import { lockQueries } from "./locks.ts";
import { roleQueries } from "./roles.ts";
import { sessionQueries } from "./sessions.ts";
import { tokenQueries } from "./tokens.ts";

/** Who may come in, and who may not any more. */
export function accessQueries(
  db: Database,
): Pick<
  Store,
  | "accounts"
  | "groups"
  | "roles"
  | "sessions"
  | "tokens"
  | "certificates"
  | "authorities"
  | "locks"
  | "bindings"
> {
  return {
    accounts: accountQueries(db),
    groups: groupQueries(db),
    roles: roleQueries(db),
    sessions: sessionQueries(db),
    tokens: tokenQueries(db),
    certificates: certificateQueries(db),
    authorities: authorityQueries(db),
    locks: lockQueries(db),
    bindings: bindingQueries(db),
  };
}
