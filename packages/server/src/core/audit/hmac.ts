import { hash } from "node:crypto";

/** Bytes that SHA-256 takes at once. */
const BLOCK = 64;

/**
 * HMAC-SHA256 (RFC 2104), hex. By two plain hashes: making an object of `node:crypto` for it takes several times as long as
 * what it computes, and each stored change waits for one.
 */
export function hmacSha256(key: Uint8Array, text: string): string {
  const short = key.length > BLOCK ? hash("sha256", key, "buffer") : key;
  const inner = Buffer.concat([padded(short, 0x36), Buffer.from(text)]);
  const outer = Buffer.concat([padded(short, 0x5c), hash("sha256", inner, "buffer")]);
  return hash("sha256", outer, "hex");
}

function padded(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block.set(key);
  return block.map((byte) => byte ^ pad);
}
