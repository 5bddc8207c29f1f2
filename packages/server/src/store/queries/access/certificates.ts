import { expressionBuilder, sql } from "kysely";
import type {
  AdoptedRegister,
  CertificateFilter,
  CertificatePage,
  CertificateRecord,
  CertificateStore,
} from "../../certificate-store.ts";
import { BerthError } from "@berth/protocol";
import { makerSteps } from "./made-by.ts";
import { authoritySteps } from "./authorities.ts";
import type { Database, Step } from "../database.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import { lockSteps } from "./locks.ts";
import type { CertificateTable, Tables } from "../tables.ts";

/** So many rows in one statement: databases bound how many values it has. */
const ROWS = 500;

export function certificateQueries(db: Database): CertificateStore {
  return {
    async insert(record) {
      const query = db.build
        .insertInto("certificate")
        .values(toRow(record))
        .onConflict((conflict) => conflict.column("serial").doNothing())
        .compile();
      const maker = makerSteps(db, record.madeBy);
      const written = await db.write([...maker, { query, exactly: 1 }]);
      if (written.done) return;
      if (written.failedStep < maker.length)
        throw new BerthError("UNAUTHENTICATED", "Cannot authenticate: the token is not known");
      throw new Error(`A certificate with serial ${record.serial} was issued before`);
    },
    find: (serial) => find(db, serial),
    list: (filter) => list(db, filter),
    async revoke(serial, at) {
      const query = db.build
        .updateTable("certificate")
        .set({ revoked_at: at })
        .where("serial", "=", serial)
        .where("revoked_at", "is", null)
        .compile();
      await db.write([{ query }]);
      return await find(db, serial);
    },
    async ending({ after, limit }) {
      const valid = db.build
        .selectFrom("certificate")
        .where("kind", "=", "client")
        .where("revoked_at", "is", null)
        .where("not_after", ">", after);
      const [counted] = await db.read(valid.select(({ fn }) => fn.countAll<number>().as("count")).compile());
      const first = valid.selectAll().orderBy("not_after").orderBy("serial").limit(limit);
      return { count: Number(counted?.count ?? 0), items: (await db.read(first.compile())).map(fromRow) };
    },
    async revoked() {
      const all = db.build.selectFrom("certificate").select("serial").where("revoked_at", "is not", null);
      return (await db.read(all.compile())).map(({ serial }) => serial);
    },
    async forgetExpired(before) {
      const query = db.build
        .deleteFrom("certificate")
        .where("revoked_at", "is", null)
        .where("not_after", "<", before)
        .compile();
      await db.write([{ query }]);
    },
    async adopt(register) {
      await db.write(adoptionSteps(db, register));
    },
  };
}

async function find(db: Database, serial: string): Promise<CertificateRecord | null> {
  const [row] = await db.read(
    db.build.selectFrom("certificate").selectAll().where("serial", "=", serial).compile(),
  );
  return row === undefined ? null : fromRow(row);
}

async function list(
  db: Database,
  { cn, kind, cursor, limit = 50 }: CertificateFilter,
): Promise<CertificatePage> {
  const last = cursor === undefined ? null : await find(db, cursor);
  if (cursor !== undefined && last === null) return { items: [], next: null };
  const build = expressionBuilder<Tables, "certificate">();
  const ofKind = db.build.selectFrom("certificate").selectAll().where("kind", "=", kind);
  const ofName = cn === undefined ? ofKind : ofKind.where("cn", "=", toColumn(cn));
  const behind =
    last === null
      ? ofName
      : ofName.where(
          build(build.refTuple("issued_at", "serial"), "<", build.tuple(last.issuedAt, last.serial)),
        );
  const page = behind
    .orderBy("issued_at", "desc")
    .orderBy("serial", "desc")
    .limit(limit + 1);
  const found = (await db.read(page.compile())).map(fromRow);
  const items = found.slice(0, limit);
  return { items, next: found.length > items.length ? (items.at(-1)?.serial ?? null) : null };
}

function adoptionSteps(db: Database, { records, locked, authorities, at }: AdoptedRegister): Step[] {
  const pages = Array.from({ length: Math.ceil(records.length / ROWS) }, (_, page) =>
    records.slice(page * ROWS, (page + 1) * ROWS),
  );
  const known = pages.map((page) => ({
    query: db.build
      .insertInto("certificate")
      .values(page.map(toRow))
      .onConflict((conflict) =>
        conflict
          .column("serial")
          .doUpdateSet({ revoked_at: sql`coalesce(certificate.revoked_at, excluded.revoked_at)` }),
      )
      .compile(),
  }));
  return [
    ...known,
    ...lockSteps(
      db,
      locked.map((name) => ({ name, lockedAt: at })),
    ),
    ...authoritySteps(
      db,
      authorities.map((serial) => ({ serial, trustedFrom: 0 })),
    ),
  ];
}

function toRow(record: CertificateRecord): CertificateTable {
  const { serial, cn, kind, issuer, notBefore, notAfter, issuedAt, revokedAt, madeBy } = record;
  return {
    serial,
    cn: toColumn(cn),
    kind,
    issuer,
    not_before: notBefore,
    not_after: notAfter,
    issued_at: issuedAt,
    revoked_at: revokedAt,
    made_by: madeBy ?? null,
  };
}

function fromRow(row: CertificateTable): CertificateRecord {
  const { serial, cn, kind, issuer, not_before, not_after, issued_at, revoked_at, made_by } = row;
  return {
    serial,
    cn: fromColumn(cn),
    kind,
    issuer,
    notBefore: not_before,
    notAfter: not_after,
    issuedAt: issued_at,
    revokedAt: revoked_at,
    ...(made_by !== null && { madeBy: made_by }),
  };
}
