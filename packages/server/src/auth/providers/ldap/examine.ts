import { BerthError } from "@berth/protocol";
import { Client, type SearchOptions } from "ldapts";
import type { LdapOptions } from "./ldap-options.ts";
import { openSocket } from "./open-socket.ts";

/** How far one gets with a server: `at` is the part of the way that fails, null where none does. */
export interface Examined {
  server: string;
  at: "connection" | "bind" | "people" | "groups" | null;
  why: string;
}

/** Goes the way of a login with each server, but for the login itself. */
export async function examineLdap(options: LdapOptions): Promise<Examined[]> {
  return await Promise.all(options.servers.map((server) => examineServer(server, options)));
}

async function examineServer(server: string, options: LdapOptions): Promise<Examined> {
  const { bind, users, groups, timeoutMs } = options;
  let at: Exclude<Examined["at"], null> = "connection";
  let client: Client | null = null;
  try {
    const socket = await openSocket(server, options);
    client = new Client({ url: "ldap://directory", timeout: timeoutMs, createConnection: () => socket });
    at = "bind";
    if (bind !== null) await client.bind(bind.dn, bind.password);
    at = "people";
    await findBase(client, users.base);
    at = "groups";
    if (groups !== null) await findBase(client, groups.base);
    return { server, at: null, why: "" };
  } catch (error) {
    return { server, at, why: whyOf(error) };
  } finally {
    void client?.unbind().catch(() => undefined);
  }
}

const there: SearchOptions = { scope: "base", filter: "(objectClass=*)", attributes: ["objectClass"] };

async function findBase(client: Client, base: string): Promise<void> {
  const { searchEntries } = await client.search(base, there);
  if (searchEntries.length === 0)
    throw new BerthError("SETTINGS_INVALID", `"${base}" is not there, or may not be read`);
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll("\n", " ") : String(error);
}
