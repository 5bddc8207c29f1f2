import { hash } from "node:crypto";

/** Never to change: clients keep what came of it. */
const NAMESPACE = Buffer.from("6b72697465e14d0f9c3a62657274688a", "hex");
const UUID_V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What has a name here and a UUID at Kriten. */
export type DerivedKind = "group" | "role" | "user" | "webhook" | "audit";

/** A UUID of version 5: the same for one name at any time, on any server, so that nothing is stored. */
export function derivedId(kind: DerivedKind, name: string): string {
  const bytes = hash("sha1", Buffer.concat([NAMESPACE, Buffer.from(`${kind}:${name}`)]), "buffer").subarray(
    0,
    16,
  );
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Whether it may be one: in lower case, as it is told. */
export function isDerivedId(text: string): boolean {
  return UUID_V5.test(text);
}
