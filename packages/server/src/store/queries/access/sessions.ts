import { BerthError } from "@berth/protocol";
import { isId } from "../../../lib/ids.ts";
import type { Session, SessionStore, SessionTurn } from "../../session-store.ts";
import type { Database, Step } from "../database.ts";
import type { SessionTable } from "../tables.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import { isThereStep } from "./accounts.ts";

/** So many values in one statement: databases bound it. */
const IDS = 500;

export function sessionQueries(db: Database): SessionStore {
  const { build } = db;
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
    async findByHash(hash) {
      const is = build.selectFrom("session").selectAll();
      const [row] = await db.read(
        is.where((or) => or.or([or("hash", "=", hash), or("before_hash", "=", hash)])).compile(),
      );
      return row === undefined ? null : fromRow(row);
    },
    async find(id) {
      const [row] = await db.read(build.selectFrom("session").selectAll().where("id", "=", id).compile());
      return row === undefined ? null : fromRow(row);
    },
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
    ...turnQueries(db),
    async delete(id) {
      const query = build.deleteFrom("session").where("id", "=", id).compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
  };
}

function turnQueries(db: Database): Pick<SessionStore, "turn" | "settle" | "replaced"> {
  const { build } = db;
  return {
    async turn(id, { was, before, hash, at, rights }) {
      const next = { hash, before_hash: before, before_until: null, turned_at: at, rights };
      const mine = build.updateTable("session").set(next).where("id", "=", id).where("hash", "=", was);
      return (await db.write([keepText(db, { id, was, before, at }), { query: mine.compile(), exactly: 1 }]))
        .done;
    },
    async settle(id, { hash, until }) {
      const mine = build.updateTable("session").set({ before_until: until }).where("id", "=", id);
      await db.write([{ query: mine.where("hash", "=", hash).where("before_until", "is", null).compile() }]);
    },
    async replaced(hash) {
      const all = build
        .selectFrom("session_text")
        .innerJoin("session", "session.id", "session_text.session_id")
        .selectAll("session")
        .select("session_text.replaced_at");
      const [row] = await db.read(all.where("session_text.hash", "=", hash).compile());
      return row === undefined ? null : { session: fromRow(row), at: row.replaced_at };
    },
  };
}

/** Of the two texts that a session has, the one that is none of it from now on. */
function keepText(
  { build }: Database,
  { id, was, before, at }: { id: string; was: string; before: string; at: number },
): Step {
  const gone = was === before ? ("before_hash" as const) : ("hash" as const);
  const of = build
    .selectFrom("session")
    .select((is) => [is.ref(gone).$notNull().as("hash"), "id as session_id", is.val(at).as("replaced_at")])
    .where("id", "=", id)
    .where("hash", "=", was)
    .where(gone, "is not", null);
  const query = build
    .insertInto("session_text")
    .columns(["hash", "session_id", "replaced_at"])
    .expression(of);
  return { query: query.onConflict((conflict) => conflict.column("hash").doNothing()).compile() };
}

function toRow(session: Session): SessionTable {
  const { id, hash, principal, provider, createdAt, usedAt, expiresAt, address, agent, turn } = session;
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
    turned_at: turn?.at ?? null,
    rights: turn?.rights ?? null,
    before_hash: turn?.before?.hash ?? null,
    salt: null,
    before_until: turn?.before?.until ?? null,
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
    turn: turnOf(row),
  };
}

function turnOf({
  turned_at: at,
  rights,
  before_hash: hash,
  before_until: until,
}: SessionTable): SessionTurn | null {
  if (at === null) return null;
  return { at, rights: rights ?? "", before: hash === null ? null : { hash, until } };
}
