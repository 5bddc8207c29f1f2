import type { Database } from "../database.ts";

/** Writes one row and reads it back: throws when the database does not take or give it. */
export async function probe(db: Database): Promise<void> {
  const written_at = db.now();
  const query = db.build
    .insertInto("probe")
    .values({ id: 1, written_at })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ written_at }))
    .compile();
  await db.write([{ query }]);
  await db.read(db.build.selectFrom("probe").select("id").compile());
}
