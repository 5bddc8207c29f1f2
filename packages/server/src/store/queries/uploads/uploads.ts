import { sql } from "kysely";
import type { UploadKey, UploadStore } from "../../store.ts";
import type { Database } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";
import { listUploads } from "./list-uploads.ts";
import { fromUploadRow, toUploadRow } from "./upload-row.ts";
import { isFree, uploadsInAll } from "./uploads-in-all.ts";

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
    ...uploadsInAll(db),
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
      const query = change.where(isIt(key)).where("state", "=", "receiving").compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
    async touch(key, at) {
      await db.write([
        { query: build.updateTable("upload").set({ used_at: at }).where(isIt(key)).compile() },
      ]);
    },
    async restart(upload) {
      const { owner: _owner, name: _name, ...change } = toUploadRow(upload);
      await db.write([{ query: build.updateTable("upload").set(change).where(isIt(upload)).compile() }]);
    },
    complete: (key, change) => complete(db, key, change),
    async delete(key, { unusedSince } = {}) {
      const free = build.deleteFrom("upload").where(isIt(key)).where(isFree);
      const query = (unusedSince === undefined ? free : free.where("used_at", "<", unusedSince)).compile();
      if ((await db.write([{ query, exactly: 1 }])).done) return "deleted";
      return (await this.get(key.owner, key.name)) === null ? "missing" : "in-use";
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
