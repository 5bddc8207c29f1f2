import { setImmediate as nextTurn } from "node:timers/promises";
import type { Permission } from "@berth/protocol";
import type { Target } from "../../core/access/target.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { HeldSignal } from "../../lib/signals.ts";
import type { Access } from "../access.ts";
import type { Groups } from "../login/groups.ts";

interface Question {
  permission: Permission;
  target: Target | undefined;
}

interface Held {
  caller: Caller;
  controller: AbortController;
}

/** Asked again in one turn of the event loop. */
const mostInTurn = 50;

/**
 * Ends what somebody holds open, as soon as what was allowed for it is so no more: a role is taken back, a group is left. What
 * was asked in the name of a caller is asked again whenever roles or groups change.
 */
export class HeldRights {
  readonly #access: Access;
  readonly #groups: Pick<Groups, "of">;
  readonly #asked = new WeakMap<Caller, Question[]>();
  readonly #held = new Set<Held>();
  #isStale = false;
  #isAsking = false;

  constructor(access: Access, groups: Pick<Groups, "of">) {
    this.#access = access;
    this.#groups = groups;
  }

  /** The same decisions; what lasts is noted. */
  get noting(): Access {
    const access = this.#access;
    return {
      enter: (caller, permission) => access.enter(caller, permission),
      demand: async (caller, permission, target) => {
        await access.demand(caller, permission, target);
        this.#note(caller, permission, target);
      },
      allows: async (caller, permission, target) => {
        const isAllowed = await access.allows(caller, permission, target);
        if (isAllowed) this.#note(caller, permission, target);
        return isAllowed;
      },
      listed: (caller, permission) => access.listed(caller, permission),
      demandHeld: (caller, permission, rules) => access.demandHeld(caller, permission, rules),
      isKeeper: (principal) => access.isKeeper(principal),
    };
  }

  /** A signal for as long as something is open: aborts with what refuses it now. Let go of it when the stream or the wait is over. */
  hold(caller: Caller): HeldSignal {
    const held = { caller, controller: new AbortController() };
    this.#held.add(held);
    return { signal: held.controller.signal, [Symbol.dispose]: () => void this.#held.delete(held) };
  }

  /** Roles or groups have changed. */
  askAgain(): void {
    this.#isStale = true;
    if (this.#isAsking || this.#held.size === 0) return;
    this.#isAsking = true;
    void this.#askAll().finally(() => (this.#isAsking = false));
  }

  async #askAll(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      let asked = 0;
      for (const held of this.#held) {
        await this.#ask(held);
        asked += 1;
        if (asked % mostInTurn === 0) await nextTurn();
      }
    }
  }

  async #ask({ caller, controller }: Held): Promise<void> {
    // Who came in none, by a credential that knows no groups, is in none now either.
    const groups = caller.groups.length === 0 ? caller.groups : this.#groups.of(caller.principal.name);
    const now = { ...caller, groups };
    try {
      for (const { permission, target } of this.#asked.get(caller) ?? [])
        await this.#access.demand(now, permission, target);
    } catch (error) {
      controller.abort(error);
    }
  }

  #note(caller: Caller, permission: Permission, target: Target | undefined): void {
    if (!isLasting(permission)) return;
    const asked = this.#asked.get(caller);
    const question = { permission, target: target && placeOf(target) };
    if (asked === undefined) this.#asked.set(caller, [question]);
    else asked.push(question);
  }
}

/** What is shown, or taken in, for as long as it goes on; all else is done at once. */
function isLasting({ resource, verb }: Permission): boolean {
  return verb === "read" || resource === "uploads";
}

/** A job is large, and its stream may last for days. */
function placeOf({ owner, called }: Target): Target {
  return { ...(owner !== undefined && { owner }), ...(called !== undefined && { called }) };
}
