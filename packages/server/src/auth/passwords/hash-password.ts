import { argon2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { type HashCost, type Phc, readPhc, writePhc } from "./phc.ts";

/** 19 MiB and two passes: 40 ms here, and as much for each guess of whoever has stolen the database. */
const cost: HashCost = { memory: 19_456, passes: 2, parallelism: 1 };
/** For what nobody can guess, as it was thrown: the work would only make who checks it wait. */
const costOfRandom: HashCost = { memory: 8, passes: 1, parallelism: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** What is checked where there is nothing to check against: the same work, and never right. */
const nobody: Phc = { ...cost, salt: new Uint8Array(SALT_BYTES), tag: new Uint8Array(TAG_BYTES) };

/** Takes long: for a thread that nobody else waits for. */
export function hashPassword(password: Uint8Array): string {
  return hashed(password, cost);
}

/** At once, for passwords that are random and long: the text of another form of the same hash. */
export function hashRandomPassword(password: string): string {
  return hashed(new TextEncoder().encode(password), costOfRandom);
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

function hashed(password: Uint8Array, of: HashCost): string {
  const salt = new Uint8Array(randomBytes(SALT_BYTES));
  return writePhc({ ...of, salt, tag: tagOf(password, { ...nobody, ...of, salt }) });
}
