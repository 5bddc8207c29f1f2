import type { Check } from "@berth/protocol";
import { introspectionChecks, oidcCheck } from "./far/login-checks.ts";
import { readCa, readSecret } from "../../outbound/read-files.ts";
import type { Introspection } from "./introspection/introspection.ts";
import type { IntrospectionStyle } from "./introspection/read-answer.ts";
import type { DirectorySettings } from "./ldap/open-directories.ts";
import { CodeLogins } from "./oidc/code-logins.ts";
import { DeviceLogins } from "./oidc/device-logins.ts";
import type { IssuerSettings } from "./oidc/open-issuers.ts";
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

/** Those who know people elsewhere. */
export interface FarProviders extends AsyncDisposable {
  /** Asked by name and password. */
  readonly providers: readonly Provider[];
  /** null: bearer tokens of others prove nobody. */
  readonly introspection: Introspection | null;
  /** Gone on with in a browser, on whatever device. */
  readonly deviceLogins: DeviceLogins;
  /** Gone on with in the browser that asks. */
  readonly codeLogins: CodeLogins;
  /** Tries each now, and says which part of the way fails. */
  examine(): Promise<Check[]>;
}

/** What it takes to log in by them. */
export type Elsewhere = Pick<FarProviders, "providers" | "deviceLogins" | "codeLogins">;

/** For a server that knows all people by itself. */
export function nobodyElse({ now }: { now: () => number }): Elsewhere {
  const none = { issuers: [], now };
  return { providers: [], deviceLogins: new DeviceLogins(none), codeLogins: new CodeLogins(none) };
}

/** Reads the files that the settings name; nobody is asked yet. Throws SETTINGS_INVALID. */
export async function openFar(
  { introspection: told, ldap, oidc }: FarSettings,
  { now }: { now: () => number },
): Promise<FarProviders> {
  await using opening = new AsyncDisposableStack();
  const introspection = told === null ? null : await openIntrospection(told, now);
  // Their libraries take a tenth of a second and 20 MB: who has no directory and no issuer does without.
  const directories =
    Object.keys(ldap).length === 0
      ? null
      : await (await import("./ldap/open-directories.ts")).openDirectories(ldap, { now });
  const issuers =
    Object.keys(oidc).length === 0 ? [] : await (await import("./oidc/open-issuers.ts")).openIssuers(oidc);
  const providers = directories?.providers.map((provider) => opening.use(provider)) ?? [];
  const deviceLogins = opening.use(new DeviceLogins({ issuers, now }));
  const open = opening.move();
  return {
    providers,
    introspection,
    deviceLogins,
    codeLogins: new CodeLogins({ issuers, now }),
    async examine() {
      const asked = introspection?.probe().then(introspectionChecks);
      const told = issuers.map(async (issuer) => oidcCheck(issuer.name, await issuer.examine()));
      const found = await Promise.all([asked ?? [], directories?.examine() ?? [], ...told]);
      return found.flat();
    },
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}

async function openIntrospection(
  { url, style, credentials, ca, cacheMs }: NonNullable<FarSettings["introspection"]>,
  now: () => number,
): Promise<Introspection> {
  const shown = credentials === null ? null : await readSecret(credentials);
  const { Introspection } = await import("./introspection/introspection.ts");
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
