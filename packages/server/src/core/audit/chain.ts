import { hash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { hmacSha256 } from "./hmac.ts";

/** The end of a chain: what the next block holds on to. */
export interface ChainHead {
  seq: number;
  /** 64 hex digits. */
  hash: string;
}

/** What blocks are sealed with. Whoever has the key can make a chain that holds. */
export interface Seal {
  /** Names the chain: one for each data folder, so that two servers never wait for one end. */
  chain: string;
  /** Names the key, and tells nothing of it. */
  keyId: string;
  key: Uint8Array;
}

/** The records of one transaction, under one hash that holds on to the block before. */
export interface Block extends ChainHead {
  chain: string;
  keyId: string;
  /** Of its first and last record by time, epoch ms. */
  firstAt: number;
  at: number;
  /** Records in it. Their numbers may have gaps: what was undone took its number with it. */
  count: number;
  /** The hash of the block before; of the first one `noHash`. */
  prev: string;
}

export interface SealedRecord {
  n: number;
  /** SHA-256 of its text, hex. */
  digest: string;
}

/** What the first block of a chain holds on to. */
export const noHash = "0".repeat(64);

export function digestOf(text: string): string {
  return hash("sha256", text, "hex");
}

/** HMAC-SHA256 over all that the block says, and over number and text of each of its records, in order. */
export function blockHash(
  key: Uint8Array,
  block: Omit<Block, "hash">,
  records: readonly SealedRecord[],
): string {
  const { chain, seq, keyId, firstAt, at, count, prev } = block;
  const text = JSON.stringify([chain, seq, keyId, firstAt, at, count, prev]);
  return hmacSha256(key, text + records.map(({ n, digest }) => `\n${n} ${digest}`).join(""));
}

export function isSealed(key: Uint8Array, block: Block, records: readonly SealedRecord[]): boolean {
  const wanted = Buffer.from(blockHash(key, block, records));
  const found = Buffer.from(block.hash);
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

/** A chain that begins, under a key that nobody else has. */
export function newSeal(): Seal {
  return sealOf(randomUUID(), randomBytes(32));
}

export function sealOf(chain: string, key: Uint8Array): Seal {
  return { chain, keyId: keyIdOf(key), key };
}

/** The id by which a key is known. */
function keyIdOf(key: Uint8Array): string {
  return hmacSha256(key, "berth audit key id").slice(0, 16);
}
