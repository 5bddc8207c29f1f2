import { BerthError } from "@berth/protocol";
import { isId } from "../../../lib/ids.ts";
import type { Rule } from "../../../core/access/role.ts";
import type { ApiToken, TokenStore } from "../../store.ts";
import type { Database } from "../database.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import { isThereStep } from "./accounts.ts";
import { deleteWithMade, madeBy, makerSteps } from "./made-by.ts";
import type { TokenTable } from "../tables.ts";

/** So many values in one statement: databases bound it. */
const IDS = 500;

export function tokenQueries(db: Database): TokenStore {
  const { build } = db;
  const one = async (column: "hash" | "id", value: string): Promise<ApiToken | null> => {
    const [row] = await db.read(build.selectFrom("token").selectAll().where(column, "=", value).compile());
    return row === undefined ? null : fromRow(row);
  };
  return {
    async insert(token, of = null) {
      const query = build.insertInto("token").values(toRow(token)).compile();
      const isThere = of === null ? [] : [isThereStep(db, { id: of, password: null })];
      return (await db.write([...isThere, ...makerSteps(db, token.madeBy), { query }])).done;
    },
    findByHash: (hash) => one("hash", hash),
    find: (id) => one("id", id),
    async list({ principal, limit, cursor }) {
      if (cursor !== null && !isId(cursor))
        throw new BerthError("CURSOR_INVALID", "Cannot list tokens: the cursor is not one of this server");
      let query = build.selectFrom("token").selectAll().orderBy("id");
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
        const rows = await db.read(build.selectFrom("token").select("id").where("id", "in", some).compile());
        found.push(...rows.map(({ id }) => id));
      }
      return found;
    },
    async used(id, at) {
      await db.write([
        { query: build.updateTable("token").set({ used_at: at }).where("id", "=", id).compile() },
      ]);
    },
    madeBy: (id) => madeBy(db, id),
    delete: (id, at) => deleteWithMade(db, id, at),
  };
}

function toRow(token: ApiToken): TokenTable {
  const { id, hash, principal, role, label, scope, createdAt, expiresAt, usedAt, madeBy: maker } = token;
  return {
    id,
    hash,
    principal: toColumn(principal),
    role,
    label: label === null ? null : toColumn(label),
    created_at: createdAt,
    expires_at: expiresAt,
    used_at: usedAt,
    scope: scope === null ? null : toColumn(JSON.stringify(scope)),
    made_by: maker ?? null,
  };
}

function fromRow(row: TokenTable): ApiToken {
  const { id, hash, principal, role, label, scope, created_at, expires_at, used_at, made_by } = row;
  return {
    id,
    hash,
    principal: fromColumn(principal),
    role,
    label: label === null ? null : fromColumn(label),
    scope: scope === null ? null : (JSON.parse(fromColumn(scope)) as readonly Rule[]),
    createdAt: created_at,
    expiresAt: expires_at,
    usedAt: used_at,
    ...(made_by !== null && { madeBy: made_by }),
  };
}
