import { argon2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { type HashCost, type Phc, readPhc, writePhc } from "./phc.ts";

/** 19 MiB and two passes: 40 ms here, and as much for each guess of whoever has stolen the database. */
const cost: HashCost = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** What is checked where there is nothing to check against: the same work, and never right. */
const nobody: Phc = { ...cost, salt: new Uint8Array(SALT_BYTES), tag: new Uint8Array(TAG_BYTES) };

/** Takes long: for a thread that nobody else waits for. */
export function hashPassword(password: Uint8Array): string {
  const salt = new Uint8Array(randomBytes(SALT_BYTES));
  return writePhc({ ...cost, salt, tag: tagOf(password, { ...nobody, salt }) });
}

/** Whether it is the password of this text. Takes as long without one, or with one that cannot be read. */
export function isPassword(password: Uint8Array, stored: string | null): boolean {
  const known = stored === null ? null : readPhc(stored);
  const phc = known ?? nobody;
  const isSame = timingSafeEqual(tagOf(password, phc), phc.tag);
  return isSame && known !== null;
}

function tagOf(message: Uint8Array, { memory, passes, parallelism, salt, tag }: Phc): Uint8Array {
  return new Uint8Array(
    argon2Sync("argon2id", { message, nonce: salt, memory, passes, parallelism, tagLength: tag.length }),
  );
}
