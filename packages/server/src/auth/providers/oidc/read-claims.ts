import { groupNames } from "../far/group-names.ts";
import type { ProvenIdentity } from "../provider.ts";
import type { OidcOptions } from "./oidc-options.ts";

type Claims = Readonly<Record<string, unknown>>;

const longest = 255;

/**
 * Who somebody is by what an issuer has signed. `sub` alone says so, and for its issuer alone: everything else there may change,
 * and an issuer that takes the place of another must not have its people be those of the other.
 */
export function readClaims(
  claims: Claims & { iss: string; sub: string },
  { claims: names, groupMap }: Pick<OidcOptions, "claims" | "groupMap">,
): ProvenIdentity {
  return {
    subject: `${claims.iss} ${claims.sub}`,
    name: nameIn(claims, names.name) ?? claims.sub,
    display: textOf(claims[names.display]),
    groups: groupsIn(claims[names.groups], groupMap),
  };
}

/** An address that nobody has shown to be his own is nobody's name. */
function nameIn(claims: Claims, claim: string): string | null {
  if (claim === "email" && claims["email_verified"] !== true) return null;
  return textOf(claims[claim]);
}

/** null: the issuer says nothing of groups. */
function groupsIn(value: unknown, map: OidcOptions["groupMap"]): string[] | null {
  if (value === undefined) return null;
  const names = groupNames(value);
  if (map === null) return names;
  return [...new Set(names.flatMap((name) => (Object.hasOwn(map, name) ? [map[name] ?? ""] : [])))];
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" && value.length <= longest ? value : null;
}
