import type { Bounds } from "../../core/access/bounds.ts";
import type { Audit } from "../../audit/audit.ts";
import type { Access } from "../access.ts";
import { withAudit } from "../audited/audited-access.ts";
import { type Locks, withLocks } from "../locks.ts";
import { withPasswordChange } from "../login/with-password-change.ts";
import { policyAccess } from "./policy-access.ts";
import type { Groups } from "../login/groups.ts";
import type { Roles } from "../roles.ts";
import { HeldRights } from "./held-rights.ts";
import { whyNoWriter, withWriteGroups } from "./write-groups.ts";

/**
 * All that stands before what somebody wants to do: what is refused by any of it is recorded. `rights` ends what is open once
 * it would be refused.
 */
export function wholeAccess({
  roles,
  groups,
  locks,
  audit,
  writeGroups,
}: {
  roles: Pick<Roles, "policy" | "watch">;
  groups: Pick<Groups, "of" | "watch">;
  locks: Locks;
  audit: Pick<Audit, "entry" | "note">;
  /** Whose members alone may change something; null: the roles decide. */
  writeGroups: readonly string[] | null;
}): { access: Access; rights: HeldRights; bounds: Bounds } {
  const byRoles = policyAccess(roles);
  const bounded = writeGroups === null ? byRoles : withWriteGroups(byRoles, writeGroups);
  const rights = new HeldRights(withPasswordChange(withLocks(bounded, locks)), groups);
  for (const changing of [roles, groups]) changing.watch(() => rights.askAgain());
  const whyNot = writeGroups === null ? null : whyNoWriter(writeGroups);
  const bounds: Bounds = (subject, permission, target) => {
    const { user: name, roles: brought } = subject;
    if (locks.isLocked({ name, roles: brought })) return `"${name}" is locked`;
    return whyNot?.(subject, permission, target) ?? null;
  };
  return { access: withAudit(rights.noting, audit), rights, bounds };
}
