import type { Quota } from "@berth/protocol";
import type { QuotaStore } from "../../store.ts";
import type { Database } from "../database.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";

export function quotaQueries(db: Database): QuotaStore {
  const { build } = db;
  return {
    async list() {
      const rows = await db.read(build.selectFrom("quota").selectAll().compile());
      const all = rows.map(({ subject, jobs, jobs_per_hour: jobsPerHour }) => ({
        user: fromColumn(subject),
        jobs,
        jobsPerHour,
      }));
      return all.toSorted((one, other) => (one.user < other.user ? -1 : 1));
    },
    async set({ user, jobs, jobsPerHour }: Quota) {
      const bounds = { jobs, jobs_per_hour: jobsPerHour };
      const query = build
        .insertInto("quota")
        .values({ subject: toColumn(user), ...bounds })
        .onConflict((conflict) => conflict.column("subject").doUpdateSet(bounds))
        .compile();
      await db.write([{ query }]);
    },
    async delete(user) {
      const query = build.deleteFrom("quota").where("subject", "=", toColumn(user)).compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
  };
}
