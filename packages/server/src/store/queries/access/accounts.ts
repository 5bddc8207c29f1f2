import type { Account, AccountChange, AccountStore, Identified, NewAccount } from "../../account-store.ts";
import type { Database, Step } from "../database.ts";
import type { AccountTable } from "../tables.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";

const shown = [
  "id",
  "name",
  "name_key",
  "display",
  "created_at",
  "deleted_at",
  "password_at",
  "must_change",
] as const;

export function accountQueries(db: Database): AccountStore {
  const { build } = db;
  const all = build.selectFrom("account");
  return {
    async list() {
      return (await db.read(all.select(shown).orderBy("name_key").compile())).map(fromRow);
    },
    async find(key) {
      const [row] = await db.read(all.select(shown).where("name_key", "=", toColumn(key)).compile());
      return row === undefined ? null : fromRow(row);
    },
    async findPassword(key) {
      const [row] = await db.read(all.selectAll().where("name_key", "=", toColumn(key)).compile());
      return row === undefined ? null : { account: fromRow(row), hash: row.password };
    },
    async findIdentity({ provider, subject }) {
      const query = all
        .innerJoin("account_identity", "account_identity.account_id", "account.id")
        .where("provider", "=", provider)
        .where("subject", "=", toColumn(subject))
        .select(shown);
      const [row] = await db.read(query.compile());
      return row === undefined ? null : fromRow(row);
    },
    async insert(account) {
      return (await db.write(insertSteps(db, account))).done;
    },
    async change(id, change) {
      const set = columnsOf(change);
      if (Object.keys(set).length === 0) return true;
      const query = build.updateTable("account").set(set).where("id", "=", id).compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
    async link(id, identity) {
      return (await db.write([linkStep(db, id, identity)])).done;
    },
    async unlink(id, { provider, subject }) {
      const query = build
        .deleteFrom("account_identity")
        .where("provider", "=", provider)
        .where("subject", "=", toColumn(subject))
        .where("account_id", "=", id)
        .compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
    async identities(id) {
      const query = build
        .selectFrom("account_identity")
        .select(["provider", "subject"])
        .where("account_id", "=", id)
        .orderBy("provider")
        .orderBy("subject");
      const rows = await db.read(query.compile());
      return rows.map(({ provider, subject }) => ({ provider, subject: fromColumn(subject) }));
    },
  };
}

function insertSteps(db: Database, { password, identity, ...account }: NewAccount): Step[] {
  const row: AccountTable = {
    id: account.id,
    name: toColumn(account.name),
    name_key: toColumn(account.key),
    display: textOrNull(account.display),
    created_at: account.createdAt,
    deleted_at: null,
    password: password?.hash ?? null,
    password_at: password?.at ?? null,
    must_change: password?.mustChange === true ? 1 : 0,
  };
  const query = db.build
    .insertInto("account")
    .values(row)
    .onConflict((conflict) => conflict.column("name_key").doNothing())
    .compile();
  return [{ query, exactly: 1 }, ...(identity === null ? [] : [linkStep(db, account.id, identity)])];
}

function linkStep({ build }: Database, id: string, { provider, subject }: Identified): Step {
  const query = build
    .insertInto("account_identity")
    .values({ provider, subject: toColumn(subject), account_id: id })
    .onConflict((conflict) => conflict.columns(["provider", "subject"]).doNothing())
    .compile();
  return { query, exactly: 1 };
}

function columnsOf({ display, deletedAt, password }: AccountChange): Partial<AccountTable> {
  return {
    ...(display !== undefined && { display: textOrNull(display) }),
    ...(deletedAt !== undefined && { deleted_at: deletedAt }),
    ...(password !== undefined && {
      password: password?.hash ?? null,
      password_at: password?.at ?? null,
      must_change: password?.mustChange === true ? 1 : 0,
    }),
  };
}

function fromRow(row: Omit<AccountTable, "password">): Account {
  return {
    id: row.id,
    name: fromColumn(row.name),
    key: fromColumn(row.name_key),
    display: row.display === null ? null : fromColumn(row.display),
    createdAt: row.created_at,
    deletedAt: row.deleted_at,
    passwordAt: row.password_at,
    mustChange: row.must_change === 1,
  };
}

function textOrNull(text: string | null): string | null {
  return text === null ? null : toColumn(text);
}
