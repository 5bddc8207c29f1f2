import { backoffMs } from "../lib/retry.ts";
import { sleep } from "../lib/clock.ts";
import type { Store } from "../store/store.ts";
import type { Locks } from "./locks.ts";
import type { Roles } from "./roles.ts";

export interface FollowAccessOptions {
  store: Pick<Store, "subscribeAccess" | "locks" | "bindings">;
  locks: Pick<Locks, "reload">;
  roles: Pick<Roles, "reload">;
  /** Which certificates are refused; null where none is asked for. */
  revocations: { reload(): Promise<void> } | null;
  /** Told where the store could not be asked; it is asked again until it answers. */
  report: (what: string, error: unknown) => void;
}

/**
 * Takes over what another process, or a person in the database, changes of who may come in, and ends what is open of those
 * who may not any more. Until disposed.
 */
export function followAccess({ store, locks, roles, revocations, report }: FollowAccessOptions): Disposable {
  let isReading = false;
  let isStale = false;
  let isOver = false;
  /** Aborted where there is a reason not to wait for the next try. */
  let waiting = new AbortController();

  async function succeeds(what: string, read: () => Promise<void> | undefined): Promise<boolean> {
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
    const names = async (): Promise<string[]> => (await store.locks.list()).map(({ name }) => name);
    const read = await Promise.all([
      succeeds("who is locked out", () => locks.reload(names)),
      succeeds("who has which role", () => roles.reload(() => store.bindings.list())),
      succeeds("which certificates are revoked", () => revocations?.reload()),
    ]);
    return read.every(Boolean);
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
