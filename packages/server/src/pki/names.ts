import "reflect-metadata";
import { isIP } from "node:net";
import { type JsonGeneralName, Name } from "@peculiar/x509";

const DNS_NAME =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

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
