import { webhookHeaders } from "../core/audit/webhook-signature.ts";
import type { AttemptEnd, Delivery } from "../core/job/delivery/delivery.ts";
import { retryAfterMs } from "../core/job/delivery/next-try.ts";
import { keysIn } from "../core/task/webhook-signature.ts";
import type { Reach } from "../outbound/reach.ts";
import { AddressRefused } from "../outbound/connect.ts";
import { send } from "../outbound/send.ts";
import type { Secrets } from "../secrets/secrets.ts";

/** What came of an attempt, and what it says of those to come. */
export interface Outcome extends AttemptEnd {
  /** `done`: the receiver has it. `gone`: it never wants it. `refused`: it is nowhere that may be reached. */
  kind: "done" | "gone" | "refused" | "failed";
  /** How long the receiver asks to wait. */
  askedMs: number | null;
}

export interface AttemptParts {
  secrets: Pick<Secrets, "pin">;
  reach: Reach;
  now: () => number;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Values of a secret that sign: of more the first ones. */
const MOST_KEYS = 8;
/** So much is kept of what a host says of itself. */
const MOST_WHY = 500;

/** One POST of a message, signed by what its secret holds by now. Never rejects: what goes wrong is its outcome. */
export async function attempt(
  { id, url, secret }: Pick<Delivery, "id" | "url" | "secret">,
  { message: body, ...parts }: AttemptParts & { message: string },
): Promise<Outcome> {
  const { secrets, reach, now, timeoutMs, signal } = parts;
  let address: string | null = null;
  const none = { status: null, askedMs: null };
  try {
    const values = (await secrets.pin(secret))?.values ?? new Map<string, Uint8Array>();
    const keys = keysIn("standard", values).slice(0, MOST_KEYS);
    if (keys.length === 0) {
      const why = `there is no secret "${secret}" that can sign`;
      return { ...none, kind: "failed", endedAt: now(), address, why };
    }
    const headers = {
      "content-type": "application/json",
      "user-agent": "Berth",
      ...webhookHeaders(keys, { id, at: now(), body }),
    };
    const { status, headers: told } = await send({
      url: new URL(url),
      method: "POST",
      headers,
      body,
      ca: null,
      reach,
      timeoutMs,
      mostBytes: null,
      signal,
      connected: (to) => void (address = to),
    });
    return { endedAt: now(), address, status, ...judged(status, told["retry-after"], now()) };
  } catch (error) {
    const kind = error instanceof AddressRefused ? "refused" : "failed";
    return { ...none, kind, endedAt: now(), address, why: wordsOf(error) };
  }
}

function judged(
  status: number,
  retryAfter: string | undefined,
  now: number,
): Pick<Outcome, "kind" | "why" | "askedMs"> {
  const askedMs = retryAfterMs(retryAfter, now);
  if (status >= 200 && status <= 299) return { kind: "done", why: null, askedMs: null };
  if (status === 410)
    return { kind: "gone", why: "it answered with status 410: it wants no more of it", askedMs };
  const more = status >= 300 && status <= 399 ? ": redirects are not followed" : "";
  return { kind: "failed", why: `it answered with status ${status}${more}`, askedMs };
}

function wordsOf(error: unknown): string {
  const all = error instanceof AggregateError ? error.errors : [error];
  const words = all.map((one) => (one instanceof Error ? one.message : String(one))).join("; ");
  return words.slice(0, MOST_WHY);
}
