import { join } from "node:path";
import { openPostgresStore } from "../src/store/postgres/open.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import type { Store } from "../src/store/store.ts";
import { describeStore } from "./conformance/store.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { tempFolder } from "./support/temp-folder.ts";

describeStore("sqlite", async () => {
  const folder = tempFolder();
  return closing(await openSqliteStore({ path: join(folder.path, "berth.db") }), folder);
});

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: the store on PostgreSQL, because ${missing}`);

describeStore(
  "postgres",
  async () => {
    const server = await Postgres.start();
    return closing(await openPostgresStore({ url: await server.database() }), server);
  },
  { skip: missing !== null, races: 1000 },
);

/** The store, which takes with it what it lies on. */
function closing(store: Store, ground: AsyncDisposable): Store {
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await ground[Symbol.asyncDispose]();
    },
  };
}
