import type { Contact } from "../../../core/network/contact.ts";
import type { ContactPage, ContactQuery } from "../../store.ts";
import type { Database, Step } from "../database.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import type { JobContactTable } from "../tables.ts";
import { template } from "../words/template.ts";

const insertContact = template<JobContactTable>((build, row) =>
  build.insertInto("job_contact").values(row).compile(),
);

/** The steps that store what a job reached and was refused, in this order. */
export function contactSteps(db: Database, jobId: string, contacts: readonly Contact[]): Step[] {
  return contacts.map((contact, n) => ({ query: insertContact(db, toRow(jobId, n, contact)) }));
}

/** In the order in which they were stored. */
export async function listContacts(
  db: Database,
  jobId: string,
  { outcome, after, limit }: ContactQuery,
): Promise<ContactPage> {
  const all = db.build.selectFrom("job_contact").selectAll().where("job_id", "=", jobId);
  const some = outcome === null ? all : all.where("outcome", "=", outcome);
  const behind = after === null ? some : some.where("n", ">", after);
  const rows = await db.read(
    behind
      .orderBy("n")
      .limit(limit + 1)
      .compile(),
  );
  const items = rows.slice(0, limit);
  return { items: items.map(fromRow), next: rows.length > limit ? (items.at(-1)?.n ?? null) : null };
}

function toRow(jobId: string, n: number, contact: Contact): JobContactTable {
  const { name, address, protocol, port, outcome, packets, bytesOut, bytesIn, firstAt, lastAt } = contact;
  return {
    job_id: jobId,
    n,
    // Of what a job asked for: it may be any text.
    name: name === null ? null : toColumn(name),
    address,
    protocol,
    port,
    outcome,
    packets,
    bytes_out: bytesOut,
    bytes_in: bytesIn,
    first_at: firstAt,
    last_at: lastAt,
  };
}

function fromRow(row: JobContactTable): Contact {
  const { name, address, protocol, port, outcome, packets } = row;
  return {
    name: name === null ? null : fromColumn(name),
    address,
    protocol,
    port,
    outcome,
    packets,
    bytesOut: row.bytes_out,
    bytesIn: row.bytes_in,
    firstAt: row.first_at,
    lastAt: row.last_at,
  };
}
