import { randomBytes } from "node:crypto";

/** Without what is read for something else. */
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

/** A password to be read aloud once, of a hundred random bits. */
export function oneTimePassword(): string {
  const letters = Array.from(randomBytes(20), (byte) => LETTERS[byte % LETTERS.length] ?? "a");
  return [0, 5, 10, 15].map((at) => letters.slice(at, at + 5).join("")).join("-");
}
