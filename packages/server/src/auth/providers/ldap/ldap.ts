import { randomUUID } from "node:crypto";
import { BerthError } from "@berth/protocol";
import { abortable } from "../../../lib/signals.ts";
import type { Provider } from "../provider.ts";
import { Directory } from "./directory.ts";
import { findGroups } from "./find-groups.ts";
import { findPerson } from "./find-person.ts";
import type { LdapOptions } from "./ldap-options.ts";

/** Each has a connection of its own to the directory for a moment. */
const MOST_AT_ONCE = 64;

/** A directory that people log in by: who is called so is looked up, and then shows its password itself. */
export function ldapProvider(
  options: LdapOptions,
  { now }: { now: () => number },
): Provider & AsyncDisposable {
  const directory = new Directory(options, { now });
  let underWay = 0;

  async function verifyNow(
    { name, password }: { name: string; password: string },
    told: (why: string) => void,
  ): ReturnType<Provider["verify"]> {
    const person = await directory.ask((client) => findPerson(client, options, name));
    // Who is not there is asked for too: nobody learns it from the time that the answer takes.
    const dn = person?.dn ?? `cn=${randomUUID()},${options.users.base}`;
    const isRight = await directory.proves(dn, password, told);
    if (person === null || !isRight) return null;
    const groups =
      options.groups === null
        ? null
        : await directory.ask((client) => findGroups(client, options, { dn: person.dn, now }));
    return { subject: person.id, name: person.name, display: person.display, groups };
  }

  return {
    name: options.name,
    async verify({ name, password }, signal, told = () => undefined) {
      // With an empty one some directories let anybody in, as nobody.
      if (password === "" || name === "" || name.includes("\0")) return null;
      if (underWay >= MOST_AT_ONCE) throw unavailable(options.name, "too many log in at once");
      underWay += 1;
      const verifying = verifyNow({ name, password }, told).finally(() => (underWay -= 1));
      try {
        return await abortable(verifying, signal);
      } catch (error) {
        if (signal.aborted) throw unavailable(options.name, "it takes too long");
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

function unavailable(name: string, why: string): BerthError {
  return new BerthError("IDENTITY_UNAVAILABLE", `Cannot ask directory "${name}": ${why}`);
}
