import type { RetryStore } from "../../../core/task/retry/retries.ts";
import type { Database } from "../database.ts";
import { insertDeliveries } from "../ended/insert-deliveries.ts";
import { takeRetry } from "./take-retry.ts";

export function retryQueries(db: Database): RetryStore {
  const { build } = db;
  return {
    async due(now, { after, limit }) {
      let query = build.selectFrom("job").select(["id", "retry_at"]).where("retry_at", "<=", now);
      if (after !== null) {
        const { name, nextAt } = after;
        query = query.where((is) =>
          is.or([is("retry_at", ">", nextAt), is.and([is("retry_at", "=", nextAt), is("id", ">", name)])]),
        );
      }
      const found = await db.read(query.orderBy("retry_at").orderBy("id").limit(limit).compile());
      return found.map(({ id, retry_at }) => ({ name: id, nextAt: retry_at ?? 0 }));
    },
    async firstAfter(now) {
      const query = build
        .selectFrom("job")
        .select("retry_at")
        .where("retry_at", ">", now)
        .orderBy("retry_at")
        .limit(1);
      const [first] = await db.read(query.compile());
      return first?.retry_at ?? null;
    },
    async refuse(claim, { why, deliveries }) {
      return (await db.write([takeRetry(db, claim, { why }), ...insertDeliveries(db, deliveries)])).done;
    },
    putOff: async (claim, at) => (await db.write([takeRetry(db, claim, { at })])).done,
  };
}
