import { BerthError, mostContacts, operations, type ProposedNetwork } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Job } from "../../core/job/job.ts";
import type { Contact } from "../../core/network/contact.ts";
import { propose } from "../../core/network/propose.ts";
import type { Context } from "../context.ts";
import { findJob } from "../jobs/find-job.ts";

/**
 * The smallest profile that would have let these jobs do what they did and tried. Stores nothing. Throws JOB_NOT_FOUND, and
 * NETWORK_NOTHING_SEEN where nothing is known of any of them.
 */
export async function proposeNetwork(
  context: Context,
  { caller, jobs: ids }: { caller: Caller; jobs: readonly string[] },
): Promise<ProposedNetwork> {
  await context.access.demand(caller, operations.proposeNetwork.permission);
  const contacts: Contact[] = [];
  const notes: string[] = [];
  for (const id of new Set(ids)) {
    const job = await findJob(context, { caller, id });
    notes.push(...whatIsMissing(job));
    if (job.contacts === null) continue;
    const page = { outcome: null, after: null, limit: mostContacts };
    contacts.push(...(await context.store.networks.contacts(id, page)).items);
  }
  if (contacts.length === 0) {
    throw new BerthError(
      "NETWORK_NOTHING_SEEN",
      `Cannot propose a network profile: these jobs reached nothing, and were refused nothing, that is known`,
    );
  }
  const proposed = propose(contacts);
  return { spec: proposed.spec, notes: [...notes, ...proposed.notes] };
}

/** Of what a job did its record may hold less than all. */
function whatIsMissing({ id, network, contacts, endedAt }: Job): string[] {
  if (network === null) return [`Job ${id} had no network`];
  if (endedAt === null) return [`Job ${id} has not ended: what it reaches is known then`];
  const notes: string[] = [];
  if (!network.observe) notes.push(`Job ${id} was not observed: only what it was refused is known`);
  if (contacts !== null && contacts.others > 0)
    notes.push(`Job ${id} had ${contacts.others} destinations that were not kept one by one`);
  return notes;
}
