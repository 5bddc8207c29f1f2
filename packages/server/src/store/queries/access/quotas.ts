import type { StoredQuota } from "../../../core/queue/subject.ts";
import type { QuotaStore } from "../../store.ts";
import type { Database } from "../database.ts";
import { storedBytes } from "../ended/left-bytes.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";

export function quotaQueries(db: Database): QuotaStore {
  const { build } = db;
  return {
    async list() {
      const rows = await db.read(build.selectFrom("quota_bound").selectAll().compile());
      const all = rows.map(
        (row): StoredQuota => ({
          subject: { kind: row.kind, name: fromColumn(row.subject) },
          jobs: row.jobs,
          jobsPerHour: row.jobs_per_hour,
          cpuMilli: row.cpu_milli,
          memory: row.memory,
          storedBytes: row.stored_bytes,
        }),
      );
      return all.toSorted(({ subject: one }, { subject: other }) => {
        if (one.kind !== other.kind) return one.kind === "user" ? -1 : 1;
        return one.name < other.name ? -1 : 1;
      });
    },
    async set({ subject: { kind, name }, jobs, jobsPerHour, cpuMilli, memory, storedBytes: stored }) {
      const bounds = {
        jobs,
        jobs_per_hour: jobsPerHour,
        cpu_milli: cpuMilli,
        memory,
        stored_bytes: stored,
      };
      const query = build
        .insertInto("quota_bound")
        .values({ kind, subject: toColumn(name), ...bounds })
        .onConflict((conflict) => conflict.columns(["kind", "subject"]).doUpdateSet(bounds))
        .compile();
      await db.write([{ query }]);
    },
    async delete({ kind, name }) {
      const query = build
        .deleteFrom("quota_bound")
        .where("kind", "=", kind)
        .where("subject", "=", toColumn(name))
        .compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
    storedBytes: (owners) => storedBytes(db, owners),
  };
}
