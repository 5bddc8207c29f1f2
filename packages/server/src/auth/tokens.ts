import { createHash, randomBytes, randomInt } from "node:crypto";
import { BerthError } from "@berth/protocol";
import { newId } from "../lib/ids.ts";
import type { ApiToken } from "../store/store.ts";

/** The prefix lets secret scanners find a token that was published by mistake. */
const TOKEN = /^(?:berth_[A-Za-z0-9_-]{43}|kri_[A-Za-z0-9]{36})$/;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** How a token is written: as our own are, or as Kriten's clients know them. Either has more than 200 random bits. */
export type TokenForm = "berth" | "kriten";

/** A new random token: its text, to be shown once, and what is stored of it. */
export function createToken(
  owner: { name: string; role: ApiToken["role"] },
  {
    createdAt,
    expiresAt = null,
    label = null,
    scope = null,
    madeBy,
    form = "berth",
  }: { createdAt: number; form?: TokenForm } & Partial<
    Pick<ApiToken, "expiresAt" | "label" | "scope" | "madeBy">
  >,
): { text: string; stored: ApiToken } {
  const text = form === "kriten" ? kritenText() : `berth_${randomBytes(32).toString("base64url")}`;
  const stored = {
    id: newId(),
    hash: hashOf(text),
    principal: owner.name,
    role: owner.role,
    label,
    scope,
    createdAt,
    expiresAt,
    usedAt: null,
    ...(madeBy !== undefined && { madeBy }),
  };
  return { text, stored };
}

function kritenText(): string {
  return `kri_${Array.from({ length: 36 }, () => LETTERS[randomInt(LETTERS.length)]).join("")}`;
}

/**
 * The SHA-256 under which a token is stored. A fast hash is right here: the text has more than 200 random bits, nobody can
 * guess through it. And looking a hash up needs no constant time: what the time of the look-up tells about a hash
 * does not help to find a text of that hash.
 */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The token of an `Authorization` header, as it is written there. Throws UNAUTHENTICATED when it cannot be one. */
export function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined) throw unauthenticated("the Authorization header is missing");
  const text = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (text === undefined) throw unauthenticated("the Authorization header must be `Bearer TOKEN`");
  // What cannot be one of ours costs neither a hash nor a query.
  if (!TOKEN.test(text)) throw unauthenticated("the token is not known");
  return text;
}

export function unauthenticated(why: string): BerthError {
  return new BerthError("UNAUTHENTICATED", `Cannot authenticate: ${why}`);
}
