import type { AuditedStore, Store } from "../store.ts";
import type { AuditEntry } from "../../core/audit/record.ts";
import { quotaQueries } from "./access/quotas.ts";
import { accessQueries } from "./access/queries.ts";
import { auditQueries } from "./audit/audit.ts";
import { auditStep } from "./audit/record-step.ts";
import { shippingQueries } from "./audit/shipping.ts";
import type { Database } from "./database.ts";
import { definitionQueries } from "./definitions/definitions.ts";
import { eventQueries } from "./live/events.ts";
import { deliveryQueries } from "./ended/deliveries.ts";
import { networkQueries } from "./networks/profiles.ts";
import { scheduleQueries } from "./definitions/schedules.ts";
import { retryQueries } from "./definitions/retries.ts";
import { secretQueries } from "./secrets/secrets.ts";
import { uploadQueries } from "./uploads/uploads.ts";
import { writeTogether } from "./audit/write-together.ts";

/** What is stored beside jobs and their stages, and needs nothing but the database. */
export function nounQueries(db: Database) {
  return {
    ...nouns(db),
    audit: auditQueries(db),
    shipping: shippingQueries(db),
    audited: (entry: AuditEntry) => audited(db, entry),
    together: (parts) => writeTogether(db, { parts, auditedOf: audited }),
  } satisfies Partial<Store>;
}

function audited(db: Database, entry: AuditEntry): AuditedStore {
  return nouns({ ...db, write: (steps) => db.write([...steps, auditStep(db, entry)]) });
}

function nouns(db: Database): AuditedStore {
  return {
    events: eventQueries(db),
    ...accessQueries(db),
    quotas: quotaQueries(db),
    uploads: uploadQueries(db),
    networks: networkQueries(db),
    secrets: secretQueries(db),
    definitions: definitionQueries(db),
    schedules: scheduleQueries(db),
    deliveries: deliveryQueries(db),
    retries: retryQueries(db),
  };
}
