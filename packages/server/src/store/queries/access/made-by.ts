import { sql } from "kysely";
import type { Made } from "../../store.ts";
import type { Database, Step } from "../database.ts";

const TOKEN = "token ";

/** The token and all that were made by it, by those, and so on. */
const family = (id: string) => sql`with recursive family(id) as (
  select id from token where id = ${id}
  union select made.id from token as made join family on made.made_by = ${TOKEN} || family.id
)`;
const madeByFamily = sql`made_by in (select ${TOKEN} || id from family)`;

export async function madeBy(db: Database, id: string): Promise<Made> {
  const tokens = sql<{ id: string }>`${family(id)} select id from family where id <> ${id} order by id`;
  const certificates = sql<{ serial: string }>`${family(id)}
    select serial from certificate where revoked_at is null and ${madeByFamily} order by serial`;
  const [made, issued] = [
    await db.read(tokens.compile(db.build)),
    await db.read(certificates.compile(db.build)),
  ];
  return { tokens: made.map((row) => row.id), certificates: issued.map(({ serial }) => serial) };
}

/** One write: nothing is made by one of them between its look and its end. */
export async function deleteWithMade(db: Database, id: string, at: number): Promise<Made | null> {
  const revoke = sql`${family(id)}
    update certificate set revoked_at = ${at} where revoked_at is null and ${madeByFamily} returning serial`;
  const remove = sql`${family(id)} delete from token where id in (select id from family) returning id`;
  const written = await db.write([
    ...makerSteps(db, TOKEN + id),
    { query: revoke.compile(db.build), returns: true },
    { query: remove.compile(db.build), returns: true },
  ]);
  if (!written.done) return null;
  const [, certificates = [], tokens = []] = written.rows;
  const ids = tokens.map((row) => String(row["id"]));
  return {
    tokens: ids.filter((one) => one !== id),
    certificates: certificates.map((row) => String(row["serial"])),
  };
}

/** Holds as long as the token is there that something is made by; no step where it is made by something else. */
export function makerSteps({ build }: Database, maker: string | undefined): Step[] {
  if (maker === undefined || !maker.startsWith(TOKEN)) return [];
  const there = build.updateTable("token").set((is) => ({ used_at: is.ref("used_at") }));
  return [{ query: there.where("id", "=", maker.slice(TOKEN.length)).compile(), exactly: 1 }];
}
