import type { NetworkRules } from "../../../core/network/profile.ts";
import type { NetworkStore, StoredNetwork } from "../../store.ts";
import type { Database, Step } from "../database.ts";
import { fromJson } from "../job/job-row.ts";
import type { NetworkProfileTable } from "../tables.ts";
import { listContacts } from "./contacts.ts";

export function networkQueries(db: Database): NetworkStore {
  const { build } = db;
  return {
    async list() {
      const rows = await db.read(build.selectFrom("network_profile").selectAll().orderBy("name").compile());
      return rows.map(fromRow);
    },
    async get(name) {
      const query = build.selectFrom("network_profile").selectAll().where("name", "=", name);
      const [row] = await db.read(query.compile());
      return row === undefined ? null : fromRow(row);
    },
    async insert(profile) {
      const query = build
        .insertInto("network_profile")
        .values(toRow(profile))
        .onConflict((conflict) => conflict.column("name").doNothing())
        .compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
    async update(name, { spec, digest, at }) {
      const query = build
        .updateTable("network_profile")
        .set({ spec: JSON.stringify(spec), digest, updated_at: at })
        .where("name", "=", name)
        .compile();
      return (await db.write([{ query, exactly: 1 }, ...dropGrants(db)])).done;
    },
    async delete(name) {
      const query = build.deleteFrom("network_profile").where("name", "=", name).compile();
      return (await db.write([{ query, exactly: 1 }, ...dropGrants(db)])).done;
    },
    async rules(digest) {
      const query = build.selectFrom("network_grant").select("rules").where("digest", "=", digest);
      const [row] = await db.read(query.compile());
      return row === undefined ? null : fromJson<NetworkRules>(row.rules);
    },
    async users(name, limit) {
      const query = build
        .selectFrom("job")
        .select("id")
        .where("network", "=", name)
        .where("ended_at", "is", null)
        .orderBy("id")
        .limit(limit);
      return (await db.read(query.compile())).map(({ id }) => id);
    },
    contacts: (jobId, page) => listContacts(db, jobId, page),
  };
}

/** What a job was granted is kept with it, once for all jobs that were granted the same. */
export function grantStep({ build }: Database, digest: string, rules: NetworkRules): Step {
  const query = build
    .insertInto("network_grant")
    .values({ digest, rules: JSON.stringify(rules) })
    .onConflict((conflict) => conflict.column("digest").doNothing())
    .compile();
  return { query };
}

/** Those that no job has any more: asked when an operator changes something, which is seldom. */
function dropGrants({ build }: Database): Step[] {
  const unused = build
    .deleteFrom("network_grant")
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom("job")
            .select("id")
            .where("network", "is not", null)
            .whereRef("job.network_digest", "=", "network_grant.digest"),
        ),
      ),
    );
  return [{ query: unused.compile() }];
}

function toRow({ name, digest, spec, createdAt, updatedAt }: StoredNetwork): NetworkProfileTable {
  return { name, digest, spec: JSON.stringify(spec), created_at: createdAt, updated_at: updatedAt };
}

function fromRow({ name, digest, spec, created_at, updated_at }: NetworkProfileTable): StoredNetwork {
  return { name, digest, spec: fromJson(spec), createdAt: created_at, updatedAt: updated_at };
}
