import { timingSafeEqual, webcrypto } from "node:crypto";
import type { WebhookSignature } from "@berth/protocol";
import type { SecretValues } from "../secrets/merge-update.ts";

/** A call as it came: header names in lower case, as Node has them. */
export interface SignedCall {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Uint8Array;
}

/** A call that is good. `message` is what tells it from every other call; null where nothing does. */
export interface Message {
  message: string | null;
}

/** A message that a webhook takes once and for all, with the job that comes of it. Times are epoch ms. */
export interface SignedMessage {
  webhook: string;
  id: string;
  at: number;
  /** Remembered until then, whatever becomes of the job. */
  keptUntil: number;
}

/** As far as the clocks of the two sides may be apart, either way: what Standard Webhooks recommends. */
const SKEW_MS = 5 * 60_000;
/** Of a header that says more, the rest is not tried: each one costs an HMAC of the body. */
const MOST_SIGNATURES = 8;
const MOST_ID = 256;
/** Fewer bytes could be found by trying, with one call that was overheard. */
const FEWEST_BYTES = { standard: 24, sha512: 16 } as const satisfies Record<WebhookSignature, number>;

/** What a value of a secret signs with; null where it is too short, or not written as that signature wants it. */
export function keyOf(signature: WebhookSignature, value: Uint8Array): Uint8Array | null {
  const key = signature === "standard" ? decoded(Buffer.from(value).toString("latin1")) : value;
  return key !== null && key.length >= FEWEST_BYTES[signature] ? key : null;
}

export function keysIn(signature: WebhookSignature, values: SecretValues): Uint8Array[] {
  return [...values.values()].flatMap((value) => keyOf(signature, value) ?? []);
}

/** null where none of the keys has signed it, or it is too old, or of the future. */
export async function verify(
  call: SignedCall,
  { signature, keys, now }: { signature: WebhookSignature; keys: readonly Uint8Array[]; now: number },
): Promise<Message | null> {
  return await (signature === "standard" ? verifyStandard(call, { keys, now }) : verifySha512(call, keys));
}

/** https://www.standardwebhooks.com: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, several behind one another. */
async function verifyStandard(
  { headers, body }: SignedCall,
  { keys, now }: { keys: readonly Uint8Array[]; now: number },
): Promise<Message | null> {
  const [id, time, shown] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) =>
    oneOf(headers[name]),
  );
  if (!id || id.length > MOST_ID || !time || !/^\d{1,12}$/.test(time) || !shown) return null;
  const given = shown
    .split(" ", MOST_SIGNATURES)
    .flatMap((one) => (one.startsWith("v1,") ? [Buffer.from(one.slice(3), "base64")] : []));
  if (Math.abs(now - Number(time) * 1000) > SKEW_MS) return null;
  const signed = Buffer.concat([Buffer.from(`${id}.${time}.`), body]);
  return (await isByAnyOf(keys, given, { hash: "SHA-256", signed })) ? { message: id } : null;
}

/** The HMAC-SHA512 of the body in hex, as Kriten's webhooks have it. */
async function verifySha512(
  { headers, body }: SignedCall,
  keys: readonly Uint8Array[],
): Promise<Message | null> {
  const shown = oneOf(headers["x-hook-signature"]);
  if (!shown || !/^[\da-f]{128}$/i.test(shown)) return null;
  const given = [Buffer.from(shown, "hex")];
  return (await isByAnyOf(keys, given, { hash: "SHA-512", signed: body })) ? { message: null } : null;
}

/**
 * Each is compared with each, whichever it is: how long it takes tells nothing. Off the event loop: anybody may send a body of 1 MiB, and
 * a secret may have many keys.
 */
async function isByAnyOf(
  keys: readonly Uint8Array[],
  given: readonly Uint8Array[],
  { hash, signed }: { hash: "SHA-256" | "SHA-512"; signed: Uint8Array },
): Promise<boolean> {
  const { subtle } = webcrypto;
  let found = false;
  for (const bytes of keys) {
    const key = await subtle.importKey("raw", bytes, { name: "HMAC", hash }, false, ["sign"]);
    const made = Buffer.from(await subtle.sign("HMAC", key, signed));
    for (const one of given) if (one.length === made.length && timingSafeEqual(one, made)) found = true;
  }
  return found;
}

/** A header that came twice proves nothing. */
const oneOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === "string" ? header : undefined;

/** As libraries of Standard Webhooks take a secret: base64, with `whsec_` before it or without. */
function decoded(text: string): Uint8Array | null {
  const base64 = text.trim().replace(/^whsec_/, "");
  return /^[\d+/A-Za-z]+={0,2}$/.test(base64) ? Buffer.from(base64, "base64") : null;
}
