import { terminalStates } from "@berth/protocol";
import { sql } from "kysely";
import type { UploadStore } from "../../store.ts";
import type { Database } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";
import { LENGTH_OF_HASH } from "./list-uploads.ts";
import { fromUploadRow } from "./upload-row.ts";

/** What is asked of many uploads at once, and of contents, whoever has them. */
export function uploadsInAll(
  db: Database,
): Pick<UploadStore, "usage" | "holds" | "holdsPart" | "unused" | "nameless"> {
  const { build } = db;
  return {
    async usage(owner, least) {
      const taken = sql`case when bytes < ${least} then ${least} else bytes end`;
      const all = sql<number>`coalesce(sum(${taken}), 0)`;
      const own = sql<number>`coalesce(sum(case when owner = ${toColumn(owner)} then ${taken} else 0 end), 0)`;
      const [row] = await db.read(
        build
          .selectFrom("upload")
          .select([all.as("all"), own.as("own")])
          .compile(),
      );
      return { own: Number(row?.own ?? 0), all: Number(row?.all ?? 0) };
    },
    async holds(sha256) {
      const one = build.selectFrom("upload").select("name").where("name", "=", sha256);
      return (await db.read(one.where("state", "=", "complete").limit(1).compile())).length > 0;
    },
    async holdsPart(part) {
      const one = build.selectFrom("upload").select("name").where("part", "=", part);
      return (await db.read(one.limit(1).compile())).length > 0;
    },
    async unused({ state, since, limit }) {
      const old = build
        .selectFrom("upload")
        .selectAll()
        .where("state", "=", state)
        .where("used_at", "<", since);
      return (await db.read(old.where(isFree).orderBy("used_at").limit(limit).compile())).map(fromUploadRow);
    },
    async nameless({ before, limit }) {
      const begun = build
        .selectFrom("upload")
        .selectAll()
        .where("state", "=", "receiving")
        .where("used_at", "<", before)
        .where(({ fn }) => fn<number>("length", ["name"]), "<", LENGTH_OF_HASH);
      return (await db.read(begun.orderBy("used_at").limit(limit).compile())).map(fromUploadRow);
    },
  };
}

/** No job of its owner that has not ended uses it. One that has may not have been cleaned up after. */
export const isFree = sql<boolean>`not exists (select 1 from job_input join job on job.id = job_input.job_id
  where job_input.kind = 'archive' and job_input.name = upload.name and job.owner = upload.owner
    and job.state not in (${sql.join(terminalStates)}))`;
