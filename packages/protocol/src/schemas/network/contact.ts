import { z } from "zod";
import { networkProtocols } from "./destination.ts";
import { contactExample, contactsExample } from "./examples.ts";

/** Most contacts that are kept of a job one by one; what is beyond is counted. */
export const mostContacts = 1000;

export const contact = z
  .object({
    name: z
      .string()
      .nullable()
      .meta({ description: "What was looked up, where its address came from a name" }),
    address: z
      .string()
      .nullable()
      .meta({ description: "null of a name that was not granted: nobody looked it up" }),
    protocol: z.enum(networkProtocols).nullable().meta({ description: "null of a look-up" }),
    port: z.int().nullable(),
    outcome: z.enum(["reached", "refused"]),
    packets: z.number().meta({ description: "That the job sent, or was refused" }),
    bytesOut: z.number().nullable().meta({ description: "null of what was refused: nobody got it" }),
    bytesIn: z.number().nullable(),
    firstAt: z.iso.datetime(),
    lastAt: z.iso.datetime(),
  })
  .meta({ id: "Contact", examples: [contactExample] });

export const contactList = z
  .object({ items: z.array(contact), next: z.string().nullable() })
  .meta({ id: "ContactList", examples: [contactsExample] });

/** How many, in the job itself. */
export const contactCounts = z
  .object({
    reached: z.number().meta({ description: "Destinations; only of a job that was observed" }),
    refused: z.number().meta({ description: "Attempts that the profile refused" }),
    others: z.number().meta({ description: "Destinations beyond those that are kept one by one" }),
  })
  .meta({ id: "ContactCounts", examples: [{ reached: 2, refused: 1, others: 0 }] });

export const listContactsQuery = z.strictObject({
  outcome: z.enum(["reached", "refused"]).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  cursor: z.string().max(64).optional(),
});

export type Contact = z.output<typeof contact>;
export type ContactList = z.output<typeof contactList>;
export type ContactCounts = z.output<typeof contactCounts>;
export type ListContactsQuery = z.output<typeof listContactsQuery>;
