import { type Client, EqualityFilter, ExtensibleFilter, type Filter, OrFilter, PresenceFilter } from "ldapts";
import { valuesOf } from "./find-person.ts";
import { primaryGroupOf } from "./primary-group.ts";
import type { LdapOptions } from "./ldap-options.ts";

/** Members of members: what leads further is passed over, as is what takes longer. */
const DEEPEST = 20;
const MOST_GROUPS = 1000;
const WALK_MS = 2000;
/** Members asked for at once. */
const AT_ONCE = 50;

/** Matches members of members, in Active Directory alone: elsewhere it finds nobody, and says nothing of it. */
const IN_CHAIN = "1.2.840.113556.1.4.1941";
const ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800";

/** The names of the groups that an entry is in. By `member` and not by `memberOf`, which not every server keeps. */
export async function findGroups(
  client: Pick<Client, "search">,
  { groups, timeoutMs }: Pick<LdapOptions, "groups" | "timeoutMs">,
  { dn, now }: { dn: string; now: () => number },
): Promise<string[]> {
  if (groups === null) return [];
  const { member: attribute } = groups;
  const search = async (filter: Filter): Promise<Found[]> => {
    const { searchEntries } = await client.search(groups.base, {
      scope: "sub",
      filter,
      attributes: [groups.name],
      sizeLimit: MOST_GROUPS,
      timeLimit: Math.ceil(timeoutMs / 1000),
    });
    return searchEntries.map((entry) => ({ dn: entry.dn, name: valuesOf(entry, groups.name)[0] ?? "" }));
  };
  const found = (await isActiveDirectory(client))
    ? await inActiveDirectory(client, { groups, dn, search })
    : await walk((members) => search(anyOf(members, attribute)), { dn, nested: groups.nested, now });
  return named(found, groups.map);
}

/** Everybody there has a primary group beside, as "Domain Users", which names no members. */
async function inActiveDirectory(
  client: Pick<Client, "search">,
  {
    groups: { base, member, name, nested },
    dn,
    search,
  }: { groups: NonNullable<LdapOptions["groups"]>; dn: string; search: (filter: Filter) => Promise<Found[]> },
): Promise<Found[]> {
  const primary = await primaryGroupOf(client, { dn, name });
  const isWithin = primary !== null && `,${primary.dn}`.toLowerCase().endsWith(`,${base}`.toLowerCase());
  const own = isWithin ? [primary] : [];
  if (!nested) return [...own, ...(await search(anyOf([dn], member)))];
  const members = primary === null ? [dn] : [dn, primary.dn];
  const inChain = members.map((value) => new ExtensibleFilter({ matchType: member, rule: IN_CHAIN, value }));
  return [...own, ...(await search(new OrFilter({ filters: inChain })))];
}

function anyOf(members: readonly string[], attribute: string): Filter {
  return new OrFilter({ filters: members.map((value) => new EqualityFilter({ attribute, value })) });
}

interface Found {
  dn: string;
  name: string;
}

async function walk(
  groupsOf: (members: readonly string[]) => Promise<Found[]>,
  { dn, nested, now }: { dn: string; nested: boolean; now: () => number },
): Promise<Found[]> {
  const seen = new Map<string, Found>();
  const until = now() + WALK_MS;
  let next = [dn];
  for (let depth = 0; next.length > 0 && depth < (nested ? DEEPEST : 1); depth += 1) {
    const found: Found[] = [];
    for (let at = 0; at < next.length && (depth === 0 || now() < until); at += AT_ONCE)
      found.push(...(await groupsOf(next.slice(at, at + AT_ONCE))));
    next = [];
    for (const group of found) {
      const key = group.dn.toLowerCase();
      if (seen.has(key) || seen.size >= MOST_GROUPS) continue;
      seen.set(key, group);
      next.push(group.dn);
    }
  }
  return [...seen.values()];
}

async function isActiveDirectory(client: Pick<Client, "search">): Promise<boolean> {
  const { searchEntries } = await client.search("", {
    scope: "base",
    filter: new PresenceFilter({ attribute: "objectClass" }),
    attributes: ["supportedCapabilities"],
  });
  const [root] = searchEntries;
  return root !== undefined && valuesOf(root, "supportedCapabilities").includes(ACTIVE_DIRECTORY);
}

function named(found: readonly Found[], map: Readonly<Record<string, string>> | null): string[] {
  if (map === null) return [...new Set(found.map(({ name }) => name).filter((name) => name !== ""))];
  const wanted = new Map(Object.entries(map).map(([from, to]) => [from.toLowerCase(), to]));
  const names = found.flatMap(({ dn, name }) => [
    wanted.get(dn.toLowerCase()),
    wanted.get(name.toLowerCase()),
  ]);
  return [...new Set(names.filter((name) => name !== undefined))];
}
