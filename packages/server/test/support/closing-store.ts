import type { Store } from "../../src/store/store.ts";

/** The store, which takes with it what it lies on. */
export function closing(store: Store, ground: AsyncDisposable): Store {
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await ground[Symbol.asyncDispose]();
    },
  };
}
