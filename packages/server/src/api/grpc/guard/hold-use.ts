import { type Locks, unlockFix } from "../../../auth/locks.ts";
import type { HeldRights } from "../../../auth/policy/held-rights.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Principal } from "../../../core/caller/principal.ts";
import type { Revocations, ShownCertificate } from "../../../pki/revoke.ts";
import { refusedCertificate } from "./acceptance.ts";

/** What can take back that a client is let in. */
export interface Refusals {
  revocations: Revocations;
  locks: Locks;
  rights: Pick<HeldRights, "hold">;
}

/** Throws CERTIFICATE_REFUSED for a principal that is shut out of every door. */
export function checkLock(locks: Locks, principal: Principal): void {
  if (locks.isLocked(principal)) throw lockedOut(principal);
}

/** Calls `end` with the reason once the certificate, its principal, or what was allowed to it is refused. Returns what to call when the call is over. */
export function holdUse(
  { revocations, locks, rights }: Refusals,
  { certificate, caller }: { certificate: ShownCertificate; caller: Caller },
  end: (why: unknown) => void,
): () => void {
  const { principal } = caller;
  const use = revocations.hold(certificate);
  const refuse = (): void => end(use.signal.reason);
  use.signal.addEventListener("abort", refuse);
  const lock = locks.hold(principal);
  const shutOut = (): void => end(lockedOut(principal));
  lock.signal.addEventListener("abort", shutOut);
  const right = rights.hold(caller);
  const takeBack = (): void => end(right.signal.reason);
  right.signal.addEventListener("abort", takeBack);
  return () => {
    right.signal.removeEventListener("abort", takeBack);
    right[Symbol.dispose]();
    use.signal.removeEventListener("abort", refuse);
    use[Symbol.dispose]();
    lock.signal.removeEventListener("abort", shutOut);
    lock[Symbol.dispose]();
  };
}

function lockedOut(principal: Principal): Error {
  return refusedCertificate(principal.name, `"${principal.name}" is locked`, unlockFix(principal));
}
