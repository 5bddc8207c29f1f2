import type { Audit } from "../../audit/audit.ts";
import type { Access } from "../access.ts";
import { withAudit } from "../audited/audited-access.ts";
import { type Locks, withLocks } from "../locks.ts";
import { withPasswordChange } from "../login/with-password-change.ts";
import { policyAccess } from "./policy-access.ts";
import type { Roles } from "../roles.ts";
import { withWriteGroups } from "./write-groups.ts";

/** All that stands before what somebody wants to do: what is refused by any of it is recorded. */
export function wholeAccess({
  roles,
  locks,
  audit,
  writeGroups,
}: {
  roles: Pick<Roles, "policy">;
  locks: Locks;
  audit: Pick<Audit, "entry" | "note">;
  /** Whose members alone may change something; null: the roles decide. */
  writeGroups: readonly string[] | null;
}): Access {
  const byRoles = policyAccess(roles);
  const bounded = writeGroups === null ? byRoles : withWriteGroups(byRoles, writeGroups);
  return withAudit(withPasswordChange(withLocks(bounded, locks)), audit);
}
