import { randomUUID } from "node:crypto";
import type { Provider } from "../provider.ts";
import { Directory } from "./directory.ts";
import { findGroups } from "./find-groups.ts";
import { findPerson } from "./find-person.ts";
import type { LdapOptions } from "./ldap-options.ts";

/** A directory that people log in by: who is called so is looked up, and then shows its password itself. */
export function ldapProvider(
  options: LdapOptions,
  { now }: { now: () => number },
): Provider & AsyncDisposable {
  const directory = new Directory(options, { now });
  return {
    name: options.name,
    async verify({ name, password }) {
      // With an empty one some directories let anybody in, as nobody.
      if (password === "" || name === "" || name.includes("\0")) return null;
      const person = await directory.ask((client) => findPerson(client, options, name));
      // Who is not there is asked for too: nobody learns it from the time that the answer takes.
      const dn = person?.dn ?? `cn=${randomUUID()},${options.users.base}`;
      const isRight = await directory.proves(dn, password);
      if (person === null || !isRight) return null;
      const groups =
        options.groups === null
          ? null
          : await directory.ask((client) => findGroups(client, options, { dn: person.dn, now }));
      return { subject: person.id, name: person.name, display: person.display, groups };
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
