import { BerthError } from "@berth/protocol";
import type { Caller } from "../core/caller/caller.ts";
import { foldName } from "../core/access/fold-name.ts";
import { keyOf, type Principal } from "../core/caller/principal.ts";
import type { HeldSignal } from "../lib/signals.ts";
import type { Access } from "./access.ts";

/** Whom no lock shuts out: nobody else could take it back. Certificates of this name are shut out all the same. */
const keeper = keyOf({ name: "admin", roles: ["admin"] });

/** Principals that are shut out, whatever their credential, their door, and the spelling of their name. Ends what they hold open, at that moment. */
export class Locks {
  /** By `foldName`. */
  readonly #locked: Set<string>;
  #changes = 0;
  readonly #held = new Set<{ principal: Principal; controller: AbortController }>();

  /** With the names that were locked before. */
  constructor(locked: Iterable<string> = []) {
    this.#locked = new Set(Array.from(locked, foldName));
  }

  /** Whether no credential of this principal lets it in. */
  isLocked(principal: Principal): boolean {
    return this.#locked.size > 0 && this.#locked.has(foldName(principal.name)) && keyOf(principal) !== keeper;
  }

  /** Throws FORBIDDEN while the principal is locked. */
  check(principal: Principal): void {
    if (this.isLocked(principal)) throw refused(principal);
  }

  /**
   * A signal for as long as something is open: aborts with the error of `check` as soon as that would throw it. Let go of
   * it when the stream or the wait is over.
   */
  hold(principal: Principal): HeldSignal {
    const entry = { principal, controller: new AbortController() };
    if (this.isLocked(principal)) entry.controller.abort(refused(principal));
    else this.#held.add(entry);
    return {
      signal: entry.controller.signal,
      [Symbol.dispose]: () => void this.#held.delete(entry),
    };
  }

  /** From now on; what makes it last is stored before. Whether that is a change: idempotent. */
  set(name: string, locked: boolean): boolean {
    this.#changes += 1;
    const key = foldName(name);
    if (!locked) return this.#locked.delete(key);
    const isNew = !this.#locked.has(key);
    this.#locked.add(key);
    for (const { principal, controller } of this.#held) {
      if (this.isLocked(principal)) controller.abort(refused(principal));
    }
    return isNew;
  }

  /** As they are stored now: another process may have changed them. What is set here meanwhile is newer, and read again. */
  async reload(stored: () => Promise<readonly string[]>): Promise<void> {
    for (;;) {
      const changes = this.#changes;
      const keys = new Set(Array.from(await stored(), foldName));
      if (changes !== this.#changes) continue;
      for (const key of new Set([...keys, ...this.#locked])) this.set(key, keys.has(key));
      return;
    }
  }

  /** Streams and waits that hold a signal. */
  get held(): number {
    return this.#held.size;
  }
}

/** Lets nobody do anything who is locked by the time it is asked: a request may have been long in coming. */
export function withLocks(access: Access, locks: Locks): Access {
  const unlocked = ({ principal }: Caller): void => locks.check(principal);
  return {
    async enter(caller, permission) {
      unlocked(caller);
      await access.enter(caller, permission);
    },
    async demand(caller, permission, target) {
      unlocked(caller);
      await access.demand(caller, permission, target);
    },
    async allows(caller, permission, target) {
      unlocked(caller);
      return access.allows(caller, permission, target);
    },
    async listed(caller, permission) {
      unlocked(caller);
      return access.listed(caller, permission);
    },
    async demandHeld(caller, permission, rules) {
      unlocked(caller);
      await access.demandHeld(caller, permission, rules);
    },
    isKeeper: (principal) => access.isKeeper(principal),
  };
}

function refused(principal: Principal): BerthError {
  return new BerthError("FORBIDDEN", `Cannot go on: "${principal.name}" is locked`, {
    fix: unlockFix(principal),
  });
}

/** How somebody who is locked out comes in again: an account by the command for accounts, else a certificate's name. */
export function unlockFix({ name, roles }: Principal): string {
  const noun = roles.includes("self") ? "user" : "cert";
  return `Ask an administrator to unlock it: \`berth ${noun} unlock ${name}\``;
}
