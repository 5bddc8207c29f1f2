import { type Locks, unlockFix } from "../../../auth/locks.ts";
import type { Principal } from "../../../core/caller/principal.ts";
import type { Revocations, ShownCertificate } from "../../../pki/revoke.ts";
import { refusedCertificate } from "./acceptance.ts";

/** What can take back that a client is let in. */
export interface Refusals {
  revocations: Revocations;
  locks: Locks;
}

/** Throws CERTIFICATE_REFUSED for a principal that is shut out of every door. */
export function checkLock(locks: Locks, principal: Principal): void {
  if (locks.isLocked(principal)) throw lockedOut(principal);
}

/** Calls `end` with the reason once the certificate or its principal is refused. Returns what to call when the call is over. */
export function holdUse(
  { revocations, locks }: Refusals,
  { certificate, principal }: { certificate: ShownCertificate; principal: Principal },
  end: (why: unknown) => void,
): () => void {
  const use = revocations.hold(certificate);
  const refuse = (): void => end(use.signal.reason);
  use.signal.addEventListener("abort", refuse);
  const lock = locks.hold(principal);
  const shutOut = (): void => end(lockedOut(principal));
  lock.signal.addEventListener("abort", shutOut);
  return () => {
    use.signal.removeEventListener("abort", refuse);
    use[Symbol.dispose]();
    lock.signal.removeEventListener("abort", shutOut);
    lock[Symbol.dispose]();
  };
}

function lockedOut({ name }: Principal): Error {
  return refusedCertificate(name, `"${name}" is locked`, unlockFix(name));
}
