import { type ListContactsQuery, operations } from "@berth/protocol";
import { BerthError } from "@berth/protocol";
import type { Context } from "../context.ts";
import type { ContactPage } from "../../store/store.ts";
import { findJob, type JobRequest } from "../jobs/find-job.ts";

/** What a job reached and was refused; empty until it has ended. Throws CURSOR_INVALID. */
export async function listContacts(
  context: Context,
  { filter, ...request }: JobRequest & { filter: ListContactsQuery },
): Promise<ContactPage> {
  const job = await findJob(context, request, operations.listContacts.permission);
  const { outcome = null, limit, cursor } = filter;
  if (job.contacts === null) return { items: [], next: null };
  return context.store.networks.contacts(job.id, { outcome, limit, after: afterOf(cursor) });
}

function afterOf(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (/^\d{1,6}$/.test(cursor)) return Number(cursor);
  throw new BerthError("CURSOR_INVALID", "Cannot list contacts: the cursor is not one of a page before");
}
