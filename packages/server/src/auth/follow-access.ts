import { backoffMs } from "../lib/retry.ts";
import { sleep } from "../lib/clock.ts";
import type { Quotas } from "../core/queue/quota.ts";
import type { Store } from "../store/store.ts";
import type { Locks } from "./locks.ts";
import type { Accounts } from "./login/accounts.ts";
import type { ShownSessions } from "./login/shown-sessions.ts";
import type { Groups } from "./login/groups.ts";
import { givenRoles, type Roles } from "./roles.ts";
import type { ShownTokens } from "./shown-tokens.ts";

export interface FollowAccessOptions {
  store: Pick<Store, "subscribeAccess" | "locks" | "bindings"> & {
    accounts: Pick<Store["accounts"], "list">;
    roles: Pick<Store["roles"], "list">;
    groups: Pick<Store["groups"], "memberships">;
    quotas: Pick<Store["quotas"], "list">;
  };
  locks: Pick<Locks, "reload">;
  roles: Pick<Roles, "reload">;
  tokens: Pick<ShownTokens, "reload">;
  sessions: Pick<ShownSessions, "reload">;
  accounts: Pick<Accounts, "reload">;
  groups: Pick<Groups, "reload">;
  quotas: Pick<Quotas, "reload">;
  /** Which certificates are refused; null where none is asked for. */
  revocations: { reload(): Promise<void> } | null;
  /** Told where the store could not be asked; it is asked again until it answers. */
  report: (what: string, error: unknown) => void;
}

/**
 * Takes over what another process, or a person in the database, changes of who may come in, and ends what is open of those
 * who may not any more. Until disposed.
 */
export function followAccess(options: FollowAccessOptions): Disposable {
  const { store, report } = options;
  const readers = readersOf(options);
  let isReading = false;
  let isStale = false;
  let isOver = false;
  /** Aborted where there is a reason not to wait for the next try. */
  let waiting = new AbortController();

  async function succeeds(what: string, read: () => Promise<void>): Promise<boolean> {
    try {
      await read();
      return true;
    } catch (error) {
      // A store that closes answers nobody.
      if (!isOver) report(`Cannot read ${what}, it is tried again`, error);
      return false;
    }
  }

  /** The one does not wait for the other, nor fall with it. */
  async function read(): Promise<boolean> {
    const all = Object.entries(readers).map(([what, readOne]) => succeeds(what, readOne));
    return (await Promise.all(all)).every(Boolean);
  }

  async function readWhileStale(): Promise<void> {
    for (let failures = 0; isStale && !isOver; ) {
      isStale = false;
      if (await read()) {
        failures = 0;
        continue;
      }
      // Whoever was to be shut out is still let in: nobody would say so a second time.
      failures += 1;
      if (!isStale) await sleep(backoffMs(failures), { signal: waiting.signal }).catch(() => undefined);
      isStale = true;
    }
    isReading = false;
  }

  function follow(): void {
    isStale = true;
    waiting.abort();
    waiting = new AbortController();
    if (isReading) return;
    isReading = true;
    void readWhileStale();
  }

  const stop = store.subscribeAccess(follow);
  // What was changed since it was read first, and before anybody listened.
  follow();
  return {
    [Symbol.dispose]() {
      isOver = true;
      waiting.abort();
      stop();
    },
  };
}

/** What is read again, by what it tells. */
function readersOf({
  store,
  locks,
  roles,
  tokens,
  sessions,
  accounts,
  groups,
  quotas,
  revocations,
}: FollowAccessOptions): Record<string, () => Promise<void>> {
  const names = async (): Promise<string[]> => (await store.locks.list()).map(({ name }) => name);
  return {
    "who is locked out": () => locks.reload(names),
    "who has which role": () => roles.reload(() => givenRoles(store)),
    "which tokens are revoked": () => tokens.reload(),
    "which sessions have ended": () => sessions.reload(),
    "who is in which group": () => groups.reload(() => store.groups.memberships()),
    "what bounds whose jobs": () => quotas.reload(() => store.quotas.list()),
    "who has an account": () => accounts.reload(() => store.accounts.list()),
    ...(revocations !== null && { "which certificates are revoked": () => revocations.reload() }),
  };
}
