import type { EventStore } from "../../store.ts";
import type { Database } from "../database.ts";
import { fromEventRow } from "../job/job-row.ts";

export function eventQueries(db: Database): EventStore {
  return {
    async list(jobId, afterSeq) {
      const rows = await db.read(
        db.build
          .selectFrom("job_event")
          .selectAll()
          .where("job_id", "=", jobId)
          .where("seq", ">", afterSeq)
          .orderBy("seq")
          .compile(),
      );
      return rows.map(fromEventRow);
    },
  };
}
