import type { Account, AccountStore, Identified, NewAccount, NewPassword } from "../../account-store.ts";
import type { SessionOf } from "../../session-store.ts";
import type { Database, Step } from "../database.ts";
import type { AccountTable } from "../tables.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import { isNameHeld } from "./held-names.ts";
import { lockSteps } from "./locks.ts";

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
  const one = (id: string) => build.updateTable("account").where("id", "=", id);
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
    isHeld: (name, key) => isNameHeld(db, [name, key]),
    async insert(account) {
      return (await db.write(insertSteps(db, account))).done;
    },
    async change(id, { display }) {
      const set = { display: textOrNull(display) };
      return (await db.write([{ query: one(id).set(set).compile(), exactly: 1 }])).done;
    },
    async setPassword({ id, name }, password, { keep, was = null }) {
      const there = one(id).set(passwordColumns(password)).where("deleted_at", "is", null);
      const change = was === null ? there : there.where("password", "=", was);
      let sessions = build.deleteFrom("session").where("principal", "=", toColumn(name)).returning("id");
      if (keep !== null) sessions = sessions.where("id", "!=", keep);
      const written = await db.write([
        { query: change.compile(), exactly: 1 },
        { query: sessions.compile(), returns: true },
      ]);
      return written.done ? (written.rows[1] ?? []).map((row) => String(row["id"])) : null;
    },
    async delete(account, at) {
      return (await db.write(deleteSteps(db, account, at))).done;
    },
    async restore(account) {
      return (await db.write(restoreSteps(db, account))).done;
    },
    ...identityQueries(db),
  };
}

/**
 * Holds as long as the account is there, and, where a hash is given, has the password of it. It writes what is there already:
 * a deletion or another password is before this transaction or behind it, never beside it.
 */
export function isThereStep({ build }: Database, { id, password }: SessionOf): Step {
  const there = build
    .updateTable("account")
    .set({ deleted_at: null })
    .where("id", "=", id)
    .where("deleted_at", "is", null);
  const query = password === null ? there : there.where("password", "=", password);
  return { query: query.compile(), exactly: 1 };
}

type Named = Pick<Account, "id" | "name">;

function deleteSteps(db: Database, { id, name }: Named, at: number): Step[] {
  const { build } = db;
  const named = toColumn(name);
  const ended = build
    .updateTable("account")
    .set({ deleted_at: at })
    .where("id", "=", id)
    .where("deleted_at", "is", null);
  // A lock that was there before is told from the one of the deletion by its time: a restore leaves it.
  const before = build
    .updateTable("principal_lock")
    .set({ locked_at: at - 1 })
    .where("name", "=", named)
    .where("locked_at", ">=", at);
  return [
    { query: ended.compile(), exactly: 1 },
    { query: before.compile() },
    ...lockSteps(db, [{ name, lockedAt: at }]),
    { query: build.deleteFrom("session").where("principal", "=", named).compile() },
    { query: build.deleteFrom("token").where("principal", "=", named).compile() },
  ];
}

function restoreSteps({ build }: Database, { id, name }: Named): Step[] {
  const deletedAt = build.selectFrom("account").select("deleted_at").where("id", "=", id);
  const ofDeletion = build
    .deleteFrom("principal_lock")
    .where("name", "=", toColumn(name))
    .where("locked_at", "=", deletedAt);
  const back = build
    .updateTable("account")
    .set({ deleted_at: null })
    .where("id", "=", id)
    .where("deleted_at", "is not", null);
  return [{ query: ofDeletion.compile() }, { query: back.compile(), exactly: 1 }];
}

type IdentityQueries = Pick<AccountStore, "findIdentity" | "link" | "unlink" | "identities">;

function identityQueries(db: Database): IdentityQueries {
  const { build } = db;
  const all = build.selectFrom("account");
  return {
    async findIdentity({ provider, subject }) {
      const query = all
        .innerJoin("account_identity", "account_identity.account_id", "account.id")
        .where("provider", "=", provider)
        .where("subject", "=", toColumn(subject))
        .select(shown);
      const [row] = await db.read(query.compile());
      return row === undefined ? null : fromRow(row);
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

function insertSteps(db: Database, { password, identity, roles, ...account }: NewAccount): Step[] {
  const row: AccountTable = {
    id: account.id,
    name: toColumn(account.name),
    name_key: toColumn(account.key),
    display: textOrNull(account.display),
    created_at: account.createdAt,
    deleted_at: null,
    ...passwordColumns(password),
  };
  const query = db.build
    .insertInto("account")
    .values(row)
    .onConflict((conflict) => conflict.column("name_key").doNothing())
    .compile();
  const given = Array.from(roles ?? [], ([role, id]) =>
    giveStep(db, { id, role, subject: account.name, at: account.createdAt }),
  );
  const links = identity === null ? [] : [linkStep(db, account.id, identity)];
  return [{ query, exactly: 1 }, ...links, ...given];
}

/** What was given to the name before stays. */
function giveStep(
  { build }: Database,
  { id, role, subject, at }: { id: string; role: string; subject: string; at: number },
): Step {
  const query = build
    .insertInto("role_binding")
    .values({ id, role: toColumn(role), kind: "user", subject: toColumn(subject), created_at: at })
    .onConflict((conflict) => conflict.columns(["kind", "subject", "role"]).doNothing())
    .compile();
  return { query };
}

function linkStep({ build }: Database, id: string, { provider, subject }: Identified): Step {
  const query = build
    .insertInto("account_identity")
    .values({ provider, subject: toColumn(subject), account_id: id })
    .onConflict((conflict) => conflict.columns(["provider", "subject"]).doNothing())
    .compile();
  return { query, exactly: 1 };
}

function passwordColumns(password: NewPassword | null) {
  return {
    password: password?.hash ?? null,
    password_at: password?.at ?? null,
    must_change: password?.mustChange === true ? 1 : 0,
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
