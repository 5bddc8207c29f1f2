import "reflect-metadata";
import { isIP } from "node:net";
import { type JsonGeneralName, Name } from "@peculiar/x509";

/** Longest common name that X.509 knows, in characters. */
const longestName = 64;
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
/** What leaves no mark, or none that all fonts know: fillers, selectors of variants, blank symbols, what is not assigned. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Co}\p{Cn}\u2800\u{1d159}]/u;
/** A space that only looks like the common one, or a second one behind it. */
const OTHER_SPACE = /(?! )\p{Zs}| {2}/u;
const DNS_NAME =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Why a principal cannot be a certificate's common name; null when it can. */
export function principalProblem(principal: string): string | null {
  if (principal === "") return "must not be empty";
  if (Array.from(principal).length > longestName) return `must be at most ${longestName} characters`;
  // What looks like another name, or would be read as one, must not become a name.
  if (CONTROL.test(principal) || !principal.isWellFormed()) return "must not hold control characters";
  if (INVISIBLE.test(principal) || OTHER_SPACE.test(principal)) {
    return "must not hold invisible characters, or any space but single common ones";
  }
  if (principal.trim() !== principal) return "must not begin or end with a space";
  return principal.normalize("NFC") === principal ? null : "must be in Unicode's normal form NFC";
}

/** Why this is no name that a server can have; null when it is one. */
export function serverNameProblem(name: string): string | null {
  if (isIP(name) > 0 || DNS_NAME.test(name.toLowerCase())) return null;
  return "must be a host name or an IP address";
}

/** A name of one part. Typed, because a bare text is parsed: `#` begins hexadecimal, quotes vanish. */
export function commonName(text: string): Name {
  return new Name([{ CN: [{ utf8String: text }] }]);
}

export function alternativeName(name: string): JsonGeneralName {
  return isIP(name) > 0 ? { type: "ip", value: name } : { type: "dns", value: name.toLowerCase() };
}
