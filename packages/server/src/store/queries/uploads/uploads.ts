import { sql } from "kysely";
import type { UploadKey, UploadStore } from "../../store.ts";
import type { Database } from "../database.ts";
import { toColumn } from "../exact-text.ts";
import { listUploads } from "./list-uploads.ts";
import { fromUploadRow, toUploadRow } from "./upload-row.ts";

export function uploadQueries(db: Database): UploadStore {
  const { build } = db;
  return {
    async get(owner, name) {
      const all = build.selectFrom("upload").selectAll().where("name", "=", name);
      const some = owner === null ? all : all.where("owner", "=", toColumn(owner));
      const [row] = await db.read(some.orderBy("owner").limit(1).compile());
      return row === undefined ? null : fromUploadRow(row);
    },
    list: (options) => listUploads(db, options),
    async insert(upload) {
      const query = build
        .insertInto("upload")
        .values(toUploadRow(upload))
        .onConflict((conflict) => conflict.columns(["name", "owner"]).doNothing())
        .compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
    async reserve(key, { bytes, length, at }) {
      const change = build.updateTable("upload").set({ bytes, length, used_at: at });
      await db.write([{ query: change.where(isIt(key)).compile() }]);
    },
    complete: (key, change) => complete(db, key, change),
    async delete(key) {
      const query = build.deleteFrom("upload").where(isIt(key)).where(isFree).compile();
      if ((await db.write([{ query, exactly: 1 }])).done) return "deleted";
      return (await this.get(key.owner, key.name)) === null ? "missing" : "in-use";
    },
    async usage(owner) {
      const all = sql<number>`coalesce(sum(bytes), 0)`;
      const own = sql<number>`coalesce(sum(case when owner = ${toColumn(owner)} then bytes else 0 end), 0)`;
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
  };
}

async function complete(
  db: Database,
  { owner, name }: UploadKey,
  { sha256, bytes, at }: { sha256: string; bytes: number; at: number },
): Promise<void> {
  const whole = { state: "complete", bytes, length: bytes, part: null, used_at: at } as const;
  const row = { ...whole, owner: toColumn(owner), name: sha256, created_at: at };
  const store = db.build
    .insertInto("upload")
    .values(row)
    .onConflict((conflict) => conflict.columns(["name", "owner"]).doUpdateSet(whole));
  const steps = [{ query: store.compile() }];
  if (name !== sha256)
    steps.push({ query: db.build.deleteFrom("upload").where(isIt({ owner, name })).compile() });
  await db.write(steps);
}

function isIt({ owner, name }: UploadKey) {
  return sql<boolean>`name = ${name} and owner = ${toColumn(owner)}`;
}

/** No job of its owner has still to unpack it. */
const isFree = sql<boolean>`not exists (select 1 from job_input join job on job.id = job_input.job_id
  where job_input.kind = 'archive' and job_input.name = upload.name and job.owner = upload.owner)`;
