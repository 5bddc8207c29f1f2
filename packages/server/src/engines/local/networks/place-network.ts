import { isIPv4, isIPv6 } from "node:net";

/** What the network of one place is made of; nothing of a job is in it, as it is made before one comes. */
export interface PlaceNetwork {
  /** What the host calls its end: never used for another place, also not by another server. */
  name: string;
  /** The one address that the place has, and the one through which it leaves. */
  address4: string;
  gateway4: string;
  /** null where the host leads no IPv6 on. */
  address6: string | null;
}

const MAGIC = "BNW1";
const BYTES = 56;
const WITH_V6 = 1;
/** The kernel's longest, its NUL not counted. */
const LONGEST_NAME = 15;
const NAME = /^[a-z0-9-]+$/;

/** The file `network` of a place (native/README.md has the format). */
export function encodeNetwork({ name, address4, gateway4, address6 }: PlaceNetwork): Buffer {
  if (!NAME.test(name) || name.length > LONGEST_NAME) throw new Error(`"${name}" names no link`);
  const file = Buffer.alloc(BYTES);
  file.write(MAGIC, "latin1");
  file.writeUInt32LE(BYTES, 4);
  file.writeUInt32LE(address6 === null ? 0 : WITH_V6, 8);
  bytesOf4(address4).copy(file, 12);
  bytesOf4(gateway4).copy(file, 16);
  if (address6 !== null) bytesOf6(address6).copy(file, 24);
  file.write(name, 40, "latin1");
  return file;
}

/** An address as it is on the wire. */
export function bytesOfAddress(address: string): Buffer {
  return address.includes(":") ? bytesOf6(address) : bytesOf4(address);
}

function bytesOf4(address: string): Buffer {
  if (!isIPv4(address)) throw new Error(`"${address}" is no IPv4 address`);
  return Buffer.from(address.split(".").map(Number));
}

/** Without an embedded IPv4 address, which none of ours has. */
function bytesOf6(address: string): Buffer {
  if (!isIPv6(address) || /[.%]/.test(address)) throw new Error(`"${address}" is no plain IPv6 address`);
  const [before = "", after] = address.split("::");
  const groups = (text: string) => text.split(":").filter((group) => group !== "");
  const [head, tail] = [groups(before), groups(after ?? "")];
  const zeros = Array<string>(8 - head.length - tail.length).fill("0");
  const all = after === undefined ? head : [...head, ...zeros, ...tail];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}
