import type { SecretStore, SecretVersion, StoredSecret } from "../../secret-store.ts";
import type { Database, Step } from "../database.ts";
import { fromJson } from "../job/job-row.ts";
import type { SecretTable, SecretVersionTable } from "../tables.ts";
import { jobSecrets } from "./job-secrets.ts";

export function secretQueries(db: Database): SecretStore {
  return { ...namedSecrets(db), ...secretVersions(db), ...jobSecrets(db) };
}

function namedSecrets(db: Database): Pick<SecretStore, "list" | "get" | "insert" | "update" | "delete"> {
  const { build } = db;
  return {
    async list() {
      const rows = await db.read(build.selectFrom("secret").selectAll().orderBy("name").compile());
      return rows.map(fromRow);
    },
    async get(name) {
      const query = build.selectFrom("secret").selectAll().where("name", "=", name);
      const [row] = await db.read(query.compile());
      return row === undefined ? null : fromRow(row);
    },
    async insert(secret, version) {
      const query = build
        .insertInto("secret")
        .values(toRow(secret))
        .onConflict((conflict) => conflict.column("name").doNothing())
        .compile();
      return (await db.write([insertVersion(db, version), { query, exactly: 1 }, prune(db)])).done;
    },
    async update(name, { from, to, keys, at }) {
      const query = build
        .updateTable("secret")
        .set((is) => ({
          current: to.id,
          version: is("version", "+", 1),
          keys: JSON.stringify(keys),
          updated_at: at,
        }))
        .where("name", "=", name)
        .where("current", "=", from)
        .compile();
      return (await db.write([insertVersion(db, to), { query, exactly: 1 }, prune(db)])).done;
    },
    async delete(name) {
      const query = build
        .deleteFrom("secret")
        .where("name", "=", name)
        .where((is) =>
          is.not(
            is.exists(
              is
                .selectFrom("job_secret")
                .innerJoin("job", "job.id", "job_secret.job_id")
                .select("job.id")
                .whereRef("job_secret.name", "=", "secret.name")
                .where("job.ended_at", "is", null),
            ),
          ),
        )
        .compile();
      return (await db.write([{ query, exactly: 1 }, prune(db)])).done;
    },
  };
}

function secretVersions(
  db: Database,
): Omit<SecretStore, keyof ReturnType<typeof namedSecrets> | "ofJob" | "users"> {
  const { build } = db;
  const versions = build.selectFrom("secret_version").selectAll();
  return {
    async version(id) {
      const [row] = await db.read(versions.where("id", "=", id).compile());
      return row === undefined ? null : fromVersionRow(row);
    },
    async lastMounted(name) {
      const query = versions
        .where("name", "=", name)
        .where("source", "=", "files")
        .orderBy("id", "desc")
        .limit(1);
      const [row] = await db.read(query.compile());
      return row === undefined ? null : fromVersionRow(row);
    },
    async keepMounted(version) {
      await db.write([prune(db), insertVersion(db, version)]);
    },
    async sealedOtherwise(keyId, limit) {
      const others = versions.where("source", "!=", "audit").where("key_id", "!=", keyId);
      const query = others.orderBy("id").limit(limit);
      return (await db.read(query.compile())).map(fromVersionRow);
    },
    async reseal(id, { from, to }) {
      const query = build
        .updateTable("secret_version")
        .set({ key_id: to.keyId, data_key: to.dataKey })
        .where("id", "=", id)
        .where("key_id", "=", from)
        .compile();
      await db.write([{ query }]);
    },
    async keyIds() {
      const sealed = build.selectFrom("secret_version").where("source", "!=", "audit");
      const query = sealed.select("key_id").distinct().orderBy("key_id");
      return (await db.read(query.compile())).map(({ key_id }) => key_id);
    },
    async auditKeys() {
      const rows = await db.read(versions.where("source", "=", "audit").orderBy("id").compile());
      return rows.map(fromVersionRow);
    },
    async keepAuditKey(version) {
      const { id } = version;
      const before = build.deleteFrom("secret_version").where("id", "=", id).where("source", "=", "audit");
      await db.write([{ query: before.compile() }, insertVersion(db, version)]);
    },
    async prune() {
      await db.write([prune(db)]);
    },
  };
}

function insertVersion(
  { build }: Database,
  { id, name, source, createdAt, ...envelope }: SecretVersion,
): Step {
  const { keyId: key_id, dataKey: data_key, sealed } = envelope;
  const row = { id, name, source, key_id, data_key, sealed, created_at: createdAt };
  return { query: build.insertInto("secret_version").values(row).compile() };
}

/** Those that are nobody's any more: neither a secret's nor a job's nor an audit trail's. */
function prune({ build }: Database): Step {
  const query = build
    .deleteFrom("secret_version")
    .where("source", "!=", "audit")
    .where((is) =>
      is.not(
        is.or([
          is.exists(
            is.selectFrom("secret").select("name").whereRef("secret.current", "=", "secret_version.id"),
          ),
          is.exists(
            is
              .selectFrom("job_secret")
              .select("job_id")
              .whereRef("job_secret.version", "=", "secret_version.id"),
          ),
        ]),
      ),
    )
    .compile();
  return { query };
}

function toRow({ name, version, current, keys, createdAt, updatedAt }: StoredSecret): SecretTable {
  return { name, version, current, keys: JSON.stringify(keys), created_at: createdAt, updated_at: updatedAt };
}

function fromRow({ name, version, current, keys, created_at, updated_at }: SecretTable): StoredSecret {
  return { name, version, current, keys: fromJson(keys), createdAt: created_at, updatedAt: updated_at };
}

function fromVersionRow(row: SecretVersionTable): SecretVersion {
  const { id, name, source, key_id: keyId, data_key: dataKey, sealed, created_at: createdAt } = row;
  return { id, name, source, keyId, dataKey, sealed, createdAt };
}
