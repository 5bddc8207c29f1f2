import type { ApiToken, TokenStore } from "../../store.ts";
import type { Database } from "../database.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import type { TokenTable } from "../tables.ts";

export function tokenQueries(db: Database): TokenStore {
  return {
    async insert(token) {
      await db.write([{ query: db.build.insertInto("token").values(toRow(token)).compile() }]);
    },
    async findByHash(hash) {
      const [row] = await db.read(
        db.build.selectFrom("token").selectAll().where("hash", "=", hash).compile(),
      );
      return row === undefined ? null : fromRow(row);
    },
  };
}

function toRow({ id, hash, principal, role, createdAt, expiresAt }: ApiToken): TokenTable {
  return { id, hash, principal: toColumn(principal), role, created_at: createdAt, expires_at: expiresAt };
}

function fromRow({ id, hash, principal, role, created_at, expires_at }: TokenTable): ApiToken {
  return { id, hash, principal: fromColumn(principal), role, createdAt: created_at, expiresAt: expires_at };
}
