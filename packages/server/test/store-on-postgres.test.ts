import { openPostgresStore } from "../src/store/postgres/open.ts";
import { describeStore } from "./conformance/store.ts";
import { closing } from "./support/closing-store.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";

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
