import { createHash, randomBytes } from "node:crypto";
import { BerthError } from "@berth/protocol";
import { newId } from "../lib/ids.ts";
import type { ApiToken, TokenStore } from "../store/store.ts";

/** The prefix lets secret scanners find a token that was published by mistake. */
const TOKEN = /^berth_[A-Za-z0-9_-]{43}$/;
/** How long a token that was found is taken for valid without asking the store: a withdrawn one ends after this. */
const CACHE_MS = 2000;
const CACHE_SIZE = 1000;

/** A new random token: its text, to be shown once, and what is stored of it. */
export function createToken(
  owner: { name: string; role: ApiToken["role"] },
  { createdAt, expiresAt = null }: { createdAt: number; expiresAt?: number | null },
): { text: string; stored: ApiToken } {
  const text = `berth_${randomBytes(32).toString("base64url")}`;
  const stored = {
    id: newId(),
    hash: hashOf(text),
    principal: owner.name,
    role: owner.role,
    createdAt,
    expiresAt,
  };
  return { text, stored };
}

/**
 * The SHA-256 under which a token is stored. A fast hash is right here: the text has 256 random bits, nobody can
 * guess through it. And looking a hash up needs no constant time: what the time of the look-up tells about a hash
 * does not help to find a text of that hash.
 */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Finds the token of an `Authorization` header in the store. What it returns throws UNAUTHENTICATED when there is none. */
export function createTokenCheck({
  tokens,
  now,
}: {
  tokens: TokenStore;
  now: () => number;
}): (authorization: string | undefined) => Promise<ApiToken> {
  const cache = new Map<string, { token: ApiToken; until: number }>();

  async function find(hash: string): Promise<ApiToken | null> {
    const cached = cache.get(hash);
    if (cached && cached.until > now()) return cached.token;
    cache.delete(hash);
    const token = await tokens.findByHash(hash);
    // Only tokens that exist are kept, so that guesses cannot crowd them out.
    if (token) {
      if (cache.size >= CACHE_SIZE) cache.clear();
      cache.set(hash, { token, until: now() + CACHE_MS });
    }
    return token;
  }

  return async (authorization) => {
    const text = bearerToken(authorization);
    const token = await find(hashOf(text));
    if (!token) throw unauthenticated("the token is not known");
    if (token.expiresAt !== null && token.expiresAt <= now()) throw unauthenticated("the token has expired");
    return token;
  };
}

function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined) throw unauthenticated("the Authorization header is missing");
  const text = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (text === undefined) throw unauthenticated("the Authorization header must be `Bearer TOKEN`");
  // What cannot be one of ours costs neither a hash nor a query.
  if (!TOKEN.test(text)) throw unauthenticated("the token is not known");
  return text;
}

function unauthenticated(why: string): BerthError {
  return new BerthError("UNAUTHENTICATED", `Cannot authenticate: ${why}`);
}
