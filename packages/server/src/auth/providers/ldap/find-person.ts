import { AndFilter, type Client, EqualityFilter, type Entry, FilterParser } from "ldapts";
import type { LdapOptions } from "./ldap-options.ts";

export interface Person {
  dn: string;
  id: string;
  name: string;
  display: string | null;
}

/** What never changes about an entry, as Active Directory and others call it. */
const USUAL_IDS = ["objectGUID", "entryUUID"];

/** The one person whom the directory has by this name; null where there is none, or more than one. */
export async function findPerson(
  client: Pick<Client, "search">,
  { users, timeoutMs }: Pick<LdapOptions, "users" | "timeoutMs">,
  name: string,
): Promise<Person | null> {
  const called = new EqualityFilter({ attribute: users.name, value: name });
  const filter =
    users.filter === null
      ? called
      : new AndFilter({ filters: [called, FilterParser.parseString(users.filter)] });
  const ids = users.id === null ? USUAL_IDS : [users.id];
  const { searchEntries } = await client.search(users.base, {
    scope: "sub",
    filter,
    attributes: [users.name, users.display, ...ids],
    explicitBufferAttributes: ids,
    // Of more than there may be the server sends no more than that, and calls it no error.
    sizeLimit: 2,
    timeLimit: Math.ceil(timeoutMs / 1000),
  });
  const [entry, another] = searchEntries;
  if (entry === undefined || another !== undefined) return null;
  const known =
    valuesOf(entry, users.name).find((one) => isSame(one, name)) ?? valuesOf(entry, users.name)[0];
  if (known === undefined) return null;
  return {
    dn: entry.dn,
    id: ids.map((id) => idOf(entry, id)).find((id) => id !== null) ?? entry.dn,
    name: known,
    display: valuesOf(entry, users.display)[0] ?? null,
  };
}

/** An attribute is a text where it has one value, and a list where it has more; the case of its name is the server's. */
export function valuesOf(entry: Entry, attribute: string): string[] {
  const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase());
  const value = name === undefined ? [] : entry[name];
  return [value ?? []].flat().map((one) => (typeof one === "string" ? one : one.toString("utf8")));
}

function idOf(entry: Entry, attribute: string): string | null {
  const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase());
  const [value] = [name === undefined ? [] : (entry[name] ?? [])].flat();
  if (value === undefined || value.length === 0) return null;
  // What is no text is written as one: the GUID of Active Directory is sixteen bytes.
  const bytes = Buffer.from(value);
  const text = bytes.toString("utf8");
  return /^[\x21-\x7e]+$/.test(text) ? text : bytes.toString("hex");
}

function isSame(one: string, other: string): boolean {
  return one.normalize("NFKC").toLowerCase() === other.normalize("NFKC").toLowerCase();
}
