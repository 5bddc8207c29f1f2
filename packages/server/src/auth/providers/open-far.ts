import { readFile, stat } from "node:fs/promises";
import { BerthError, type Check } from "@berth/protocol";
import { introspectionChecks, ldapChecks, oidcCheck } from "./far/login-checks.ts";
import { Introspection } from "./introspection/introspection.ts";
import type { IntrospectionStyle } from "./introspection/read-answer.ts";
import { examineLdap } from "./ldap/examine.ts";
import { ldapProvider } from "./ldap/ldap.ts";
import type { LdapOptions } from "./ldap/ldap-options.ts";
import { DeviceLogins } from "./oidc/device-logins.ts";
import { Oidc } from "./oidc/oidc.ts";
import type { OidcOptions } from "./oidc/oidc-options.ts";
import type { Provider } from "./provider.ts";

/** What an operator has set; files are named by their paths. */
export interface FarSettings {
  introspection: {
    url: string;
    style: IntrospectionStyle;
    credentials: string | null;
    ca: string | null;
    cacheMs: number;
  } | null;
  ldap: Readonly<Record<string, DirectorySettings>>;
  oidc: Readonly<Record<string, IssuerSettings>>;
}

interface IssuerSettings {
  issuer: string;
  clientId: string;
  secretFile?: string | undefined;
  ca?: string | undefined;
  scopes: readonly string[];
  claims: OidcOptions["claims"];
  groupMap?: Readonly<Record<string, string>> | undefined;
}

/** Of one question to an issuer. */
const OIDC_TIMEOUT_MS = 10_000;

interface DirectorySettings {
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

/** Those who know people elsewhere. */
export interface FarProviders extends AsyncDisposable {
  /** Asked by name and password. */
  readonly providers: readonly Provider[];
  /** null: bearer tokens of others prove nobody. */
  readonly introspection: Introspection | null;
  /** Gone on with in a browser. */
  readonly deviceLogins: DeviceLogins;
  /** Tries each now, and says which part of the way fails. */
  examine(): Promise<Check[]>;
}

/** Reads the files that the settings name; nobody is asked yet. Throws SETTINGS_INVALID. */
export async function openFar(
  { introspection: told, ldap, oidc }: FarSettings,
  { now }: { now: () => number },
): Promise<FarProviders> {
  await using opening = new AsyncDisposableStack();
  const introspection = told === null ? null : await openIntrospection(told, now);
  const directories = await Promise.all(
    Object.entries(ldap).map(([name, settings]) => readDirectory(name, settings)),
  );
  const providers = directories.map((options) => opening.use(ldapProvider(options, { now })));
  const issuers = await Promise.all(
    Object.entries(oidc).map(async ([name, settings]) => new Oidc(await readIssuer(name, settings))),
  );
  const deviceLogins = opening.use(new DeviceLogins({ issuers, now }));
  const open = opening.move();
  return {
    providers,
    introspection,
    deviceLogins,
    async examine() {
      const found = directories.map(async (one) => ldapChecks(one.name, await examineLdap(one)));
      const asked = introspection === null ? [] : [introspectionChecks(await introspection.probe())];
      const told = issuers.map(async (issuer) => [oidcCheck(issuer.name, await issuer.examine())]);
      return [...asked, ...(await Promise.all([...found, ...told]))].flat();
    },
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}

async function openIntrospection(
  { url, style, credentials, ca, cacheMs }: NonNullable<FarSettings["introspection"]>,
  now: () => number,
): Promise<Introspection> {
  const shown = credentials === null ? null : await readSecret(credentials);
  return new Introspection({
    url: new URL(url),
    style,
    authorization: shown === null ? null : headerOf(shown),
    ca: ca === null ? null : await readCa(ca),
    cacheMs,
    now,
  });
}

/** `Bearer TEXT` as it is; `ID:SECRET` as Basic, each part as a form has it (RFC 6749). */
function headerOf(shown: string): string {
  if (/^\w+ +\S+$/.test(shown)) return shown;
  const at = shown.indexOf(":");
  const parts = [shown.slice(0, Math.max(at, 0)), shown.slice(at + 1)].map(encodeURIComponent);
  return `Basic ${Buffer.from(parts.join(":")).toString("base64")}`;
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

async function readIssuer(
  name: string,
  { issuer, clientId, secretFile, ca, scopes, claims, groupMap }: IssuerSettings,
): Promise<OidcOptions> {
  return {
    name,
    issuer: new URL(issuer),
    clientId,
    clientSecret: secretFile === undefined ? null : await readSecret(secretFile),
    ca: ca === undefined ? null : await readCa(ca),
    scopes,
    claims,
    groupMap: groupMap ?? null,
    timeoutMs: OIDC_TIMEOUT_MS,
  };
}

async function readCa(path: string): Promise<string> {
  const text = await read(path);
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw refused(path, "it holds no certificate in PEM");
  return text;
}

/** The first line. Others may not read it. */
async function readSecret(path: string): Promise<string> {
  const text = (await read(path)).split(/\r?\n/)[0] ?? "";
  if (text === "") throw refused(path, "its first line is empty");
  const { mode } = await stat(path);
  if ((mode & 0o006) !== 0) throw refused(path, "others may read or change it: run chmod 600");
  return text;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refused(path, code === "ENOENT" ? "it does not exist" : (error as Error).message);
  }
}

function refused(path: string, why: string): BerthError {
  return new BerthError("SETTINGS_INVALID", `Cannot use "${path}": ${why}`);
}
