import type { Check } from "@berth/protocol";
import { ldapChecks } from "../far/login-checks.ts";
import { readCa, readSecret } from "../../../outbound/read-files.ts";
import type { Provider } from "../provider.ts";
import { examineLdap } from "./examine.ts";
import { ldapProvider } from "./ldap.ts";
import type { LdapOptions } from "./ldap-options.ts";

/** As an operator has set it; files are named by their paths. */
export interface DirectorySettings {
  servers: readonly string[];
  startTls: boolean;
  ca?: string | undefined;
  bindDn?: string | undefined;
  passwordFile?: string | undefined;
  users: {
    base: string;
    filter?: string | undefined;
    name: string;
    display: string;
    id?: string | undefined;
  };
  groups?:
    | {
        base: string;
        member: string;
        name: string;
        nested: boolean;
        map?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
  timeout: number;
}

/** Reads the files that the settings name. Throws SETTINGS_INVALID. */
export async function openDirectories(
  settings: Readonly<Record<string, DirectorySettings>>,
  { now }: { now: () => number },
): Promise<{ providers: (Provider & AsyncDisposable)[]; examine: () => Promise<Check[]> }> {
  const all = await Promise.all(Object.entries(settings).map(([name, one]) => readDirectory(name, one)));
  return {
    providers: all.map((options) => ldapProvider(options, { now })),
    examine: async () =>
      (await Promise.all(all.map(async (one) => ldapChecks(one.name, await examineLdap(one))))).flat(),
  };
}

async function readDirectory(
  name: string,
  { servers, startTls, ca, bindDn, passwordFile, users, groups, timeout }: DirectorySettings,
): Promise<LdapOptions> {
  return {
    name,
    servers,
    startTls,
    ca: ca === undefined ? null : await readCa(ca),
    bind:
      bindDn === undefined || passwordFile === undefined
        ? null
        : { dn: bindDn, password: await readSecret(passwordFile) },
    users: { ...users, filter: users.filter ?? null, id: users.id ?? null },
    groups: groups === undefined ? null : { ...groups, map: groups.map ?? null },
    timeoutMs: timeout * 1000,
  };
}
