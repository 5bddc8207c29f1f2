import { sql } from "kysely";
import type { Database } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";

/**
 * Whether a token, a certificate, a job or an upload is somebody's of this name. Of tokens and certificates in any case of its
 * letters; what is stored by the thousand is looked up by its index, as it is written and by its key.
 */
export async function isNameHeld(db: Database, [name, key]: [string, string]): Promise<boolean> {
  const { build } = db;
  const names = [...new Set([toColumn(name), toColumn(key)])];
  const folded = toColumn(key);
  const found = await Promise.all([
    db.read(
      build.selectFrom("token").select("id").where(sql`lower(principal)`, "=", folded).limit(1).compile(),
    ),
    db.read(
      build.selectFrom("certificate").select("serial").where(sql`lower(cn)`, "=", folded).limit(1).compile(),
    ),
    db.read(build.selectFrom("job").select("id").where("owner", "in", names).limit(1).compile()),
    db.read(build.selectFrom("upload").select("name").where("owner", "in", names).limit(1).compile()),
  ]);
  return found.some((rows) => rows.length > 0);
}
