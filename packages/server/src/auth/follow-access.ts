import type { Store } from "../store/store.ts";
import type { Locks } from "./locks.ts";

export interface FollowAccessOptions {
  store: Pick<Store, "subscribeAccess" | "locks">;
  locks: Pick<Locks, "reload">;
  /** Which certificates are refused; null where none is asked for. */
  revocations: { reload(): Promise<void> } | null;
  /** Told where the store could not be asked; it says so again when it is back. */
  report: (what: string, error: unknown) => void;
}

/**
 * Takes over what another process, or a person in the database, changes of who may come in, and ends what is open of those
 * who may not any more. Until disposed.
 */
export function followAccess({ store, locks, revocations, report }: FollowAccessOptions): Disposable {
  let isReading = false;
  let isStale = false;
  let isOver = false;

  async function read(): Promise<void> {
    await locks.reload(async () => (await store.locks.list()).map(({ name }) => name));
    await revocations?.reload();
  }

  function follow(): void {
    isStale = true;
    if (isReading) return;
    isReading = true;
    void (async () => {
      while (isStale) {
        isStale = false;
        await read().catch((error: unknown) => {
          // A store that closes answers nobody.
          if (!isOver) report("Cannot read who is locked out", error);
        });
      }
      isReading = false;
    })();
  }

  const stop = store.subscribeAccess(follow);
  // What was changed since it was read first, and before anybody listened.
  follow();
  return {
    [Symbol.dispose]() {
      isOver = true;
      stop();
    },
  };
}
