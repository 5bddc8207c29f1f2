import { readCa, readSecret } from "../../../outbound/read-files.ts";
import { Oidc } from "./oidc.ts";
import type { OidcOptions } from "./oidc-options.ts";

/** As an operator has set it; files are named by their paths. */
export interface IssuerSettings {
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

/** Reads the files that the settings name. Throws SETTINGS_INVALID. */
export async function openIssuers(settings: Readonly<Record<string, IssuerSettings>>): Promise<Oidc[]> {
  const all = Object.entries(settings);
  return await Promise.all(all.map(async ([name, one]) => new Oidc(await readIssuer(name, one))));
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
