import type { Store } from "../store.ts";
import { accessQueries } from "./access/queries.ts";
import type { Database } from "./database.ts";
import { eventQueries } from "./live/events.ts";
import { networkQueries } from "./networks/profiles.ts";
import { secretQueries } from "./secrets/secrets.ts";
import { uploadQueries } from "./uploads/uploads.ts";

/** What is stored beside jobs and their stages, and needs nothing but the database. */
export function nounQueries(db: Database) {
  return {
    events: eventQueries(db),
    ...accessQueries(db),
    uploads: uploadQueries(db),
    networks: networkQueries(db),
    secrets: secretQueries(db),
  } satisfies Partial<Store>;
}
