import { mostContacts } from "@berth/protocol";
import type { Job, JobChange } from "../../core/job/job.ts";
import type { Contact, Contacts } from "../../core/network/contact.ts";
import { refusedSentence } from "../../core/network/refused-sentence.ts";
import type { Engine } from "../../engines/engine.ts";
import type { ReconcilerContext } from "../context.ts";

/** What a job's network leaves in its record. */
export interface GatheredContacts {
  change: Pick<JobChange, "contacts">;
  rows: readonly Contact[];
  /** What it was refused, for its evidence; null for nothing. */
  refused: string | null;
}

const nothing: GatheredContacts = { change: {}, rows: [], refused: null };

/** What a job reached and was refused, as the engine knows it once it has ended. Safe to repeat. */
export async function gatherContacts(
  { report }: Pick<ReconcilerContext, "report">,
  { id, handle, network }: Pick<Job, "id" | "network"> & { handle: string },
  engine: Engine,
): Promise<GatheredContacts> {
  if (network === null) return nothing;
  const contacts = await seenBy(engine, { id, handle, report });
  if (contacts === null || (contacts.list.length === 0 && contacts.refused === 0)) return nothing;
  // What was refused is what somebody looks for.
  const inOrder = contacts.list.toSorted(
    (one, other) => rank(one) - rank(other) || one.firstAt - other.firstAt,
  );
  const reached = contacts.list.filter(({ outcome }) => outcome === "reached").length;
  const others = Math.max(inOrder.length - mostContacts, 0);
  return {
    change: { contacts: { reached, refused: contacts.refused, others } },
    rows: inOrder.slice(0, mostContacts),
    refused: refusedSentence(contacts, network.name),
  };
}

function rank({ outcome }: Contact): number {
  return outcome === "refused" ? 0 : 1;
}

async function seenBy(
  engine: Engine,
  { id, handle, report }: { id: string; handle: string } & Pick<ReconcilerContext, "report">,
): Promise<Contacts | null> {
  try {
    return await engine.contacts(handle);
  } catch (error) {
    report.fault(`Cannot read what job "${id}" has reached`, error);
    return null;
  }
}
