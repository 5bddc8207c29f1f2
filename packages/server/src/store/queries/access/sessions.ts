import { BerthError } from "@berth/protocol";
import { isId } from "../../../lib/ids.ts";
import type { Session, SessionStore } from "../../session-store.ts";
import type { Database } from "../database.ts";
import type { SessionTable } from "../tables.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import { isThereStep } from "./accounts.ts";

/** So many values in one statement: databases bound it. */
const IDS = 500;

export function sessionQueries(db: Database): SessionStore {
  const { build } = db;
  const one = async (column: "hash" | "id", value: string): Promise<Session | null> => {
    const [row] = await db.read(build.selectFrom("session").selectAll().where(column, "=", value).compile());
    return row === undefined ? null : fromRow(row);
  };
  return {
    async insert(session, { usedBefore, of }) {
      const ended = build
        .deleteFrom("session")
        .where((or) => or.or([or("expires_at", "<=", session.createdAt), or("used_at", "<=", usedBefore)]));
      const written = await db.write([
        ...(of === null ? [] : [isThereStep(db, of)]),
        { query: ended.compile() },
        { query: build.insertInto("session").values(toRow(session)).compile() },
      ]);
      return written.done;
    },
    findByHash: (hash) => one("hash", hash),
    find: (id) => one("id", id),
    async list({ principal, limit, cursor }) {
      if (cursor !== null && !isId(cursor))
        throw new BerthError("CURSOR_INVALID", "Cannot list sessions: the cursor is not one of this server");
      let query = build.selectFrom("session").selectAll().orderBy("id");
      if (principal !== null) query = query.where("principal", "=", toColumn(principal));
      if (cursor !== null) query = query.where("id", ">", cursor);
      const rows = await db.read(query.limit(limit + 1).compile());
      const items = rows.slice(0, limit).map(fromRow);
      return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
    async existing(ids) {
      const found: string[] = [];
      for (let first = 0; first < ids.length; first += IDS) {
        const some = ids.slice(first, first + IDS);
        const rows = await db.read(
          build.selectFrom("session").select("id").where("id", "in", some).compile(),
        );
        found.push(...rows.map(({ id }) => id));
      }
      return found;
    },
    async used(id, at) {
      await db.write([
        { query: build.updateTable("session").set({ used_at: at }).where("id", "=", id).compile() },
      ]);
    },
    async delete(id) {
      const query = build.deleteFrom("session").where("id", "=", id).compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
  };
}

function toRow(session: Session): SessionTable {
  const { id, hash, principal, provider, createdAt, usedAt, expiresAt, address, agent } = session;
  return {
    id,
    hash,
    principal: toColumn(principal),
    provider,
    created_at: createdAt,
    used_at: usedAt,
    expires_at: expiresAt,
    address,
    agent: agent === null ? null : toColumn(agent),
  };
}

function fromRow(row: SessionTable): Session {
  return {
    id: row.id,
    hash: row.hash,
    principal: fromColumn(row.principal),
    provider: row.provider,
    createdAt: row.created_at,
    usedAt: row.used_at,
    expiresAt: row.expires_at,
    address: row.address,
    agent: row.agent === null ? null : fromColumn(row.agent),
  };
}
