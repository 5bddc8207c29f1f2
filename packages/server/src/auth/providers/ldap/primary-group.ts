import { type Client, type Entry, NoSuchObjectError, PresenceFilter } from "ldapts";
import { valuesOf } from "./find-person.ts";

/** Revision, count of the parts, who gives them out. */
const HEAD = 8;
const PART = 4;

/** The group that an entry of Active Directory has by its number, and that does not name it as a member; null where it has none. */
export async function primaryGroupOf(
  client: Pick<Client, "search">,
  { dn, name }: { dn: string; name: string },
): Promise<{ dn: string; name: string } | null> {
  const person = await read(client, dn, ["objectSid", "primaryGroupID"]);
  const number = Number(person === null ? "" : valuesOf(person, "primaryGroupID")[0]);
  const sid = person === null ? null : siblingOf([person["objectSid"] ?? []].flat()[0], number);
  const group = sid === null ? null : await read(client, `<SID=${sid}>`, [name]);
  return group && { dn: group.dn, name: valuesOf(group, name)[0] ?? "" };
}

async function read(
  client: Pick<Client, "search">,
  base: string,
  attributes: string[],
): Promise<Entry | null> {
  try {
    const { searchEntries } = await client.search(base, {
      scope: "base",
      filter: new PresenceFilter({ attribute: "objectClass" }),
      attributes,
      explicitBufferAttributes: ["objectSid"],
    });
    return searchEntries[0] ?? null;
  } catch (error) {
    if (error instanceof NoSuchObjectError) return null;
    throw error;
  }
}

/** As `S-1-5-21-1-2-3-513`: of the same domain, by its number there. null where it is no identifier, or the number none. */
export function siblingOf(sid: unknown, number: number): string | null {
  if (!(sid instanceof Buffer) || !Number.isInteger(number) || number <= 0) return null;
  const count = sid[1] ?? 0;
  if (count < 2 || sid.length !== HEAD + count * PART) return null;
  const parts = Array.from({ length: count - 1 }, (_, at) => sid.readUInt32LE(HEAD + at * PART));
  return ["S", sid[0], sid.readUIntBE(2, 6), ...parts, number].join("-");
}
