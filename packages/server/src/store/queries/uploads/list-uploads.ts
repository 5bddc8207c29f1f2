import { BerthError } from "@berth/protocol";
import { expressionBuilder } from "kysely";
import type { StoredUpload, UploadStore } from "../../store.ts";
import type { Database } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";
import type { Tables } from "../tables.ts";
import { fromUploadRow } from "./upload-row.ts";

/** Those whose name nobody knows yet have an id, which is shorter, and are not shown: nobody can ask for them. */
export const LENGTH_OF_HASH = 64;

/** In the order of the key, from which a page is read without sorting. */
export async function listUploads(
  db: Database,
  { owner, limit, cursor }: Parameters<UploadStore["list"]>[0],
): Promise<{ items: StoredUpload[]; next: string | null }> {
  const build = expressionBuilder<Tables, "upload">();
  const after = cursor === null ? null : positionOf(cursor);
  let query = db.build
    .selectFrom("upload")
    .selectAll()
    .where(({ fn }) => fn<number>("length", ["name"]), "=", LENGTH_OF_HASH);
  if (owner !== null) query = query.where("owner", "=", toColumn(owner));
  if (after !== null)
    query = query.where(build(build.refTuple("name", "owner"), ">", build.tuple(after.name, after.owner)));
  const rows = await db.read(
    query
      .orderBy("name")
      .orderBy("owner")
      .limit(limit + 1)
      .compile(),
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next = rows.length > limit && last !== undefined ? cursorOf(last) : null;
  return { items: page.map(fromUploadRow), next };
}

/** The owner as it lies in its column. */
interface Position {
  name: string;
  owner: string;
}

function cursorOf({ name, owner }: Position): string {
  return Buffer.from(`${name} ${owner}`).toString("base64url");
}

function positionOf(cursor: string): Position {
  const text = Buffer.from(cursor, "base64url").toString();
  const position = { name: text.slice(0, LENGTH_OF_HASH), owner: text.slice(LENGTH_OF_HASH + 1) };
  if (text[LENGTH_OF_HASH] === " " && cursorOf(position) === cursor) return position;
  throw new BerthError("CURSOR_INVALID", "Cannot list uploads: the cursor is not one of this server");
}
