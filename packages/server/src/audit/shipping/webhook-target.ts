import { type SignedMessage, webhookHeaders } from "../../core/audit/webhook-signature.ts";
import type { Reach } from "../../outbound/reach.ts";
import { send } from "../../outbound/send.ts";
import type { Target } from "./target.ts";

export interface WebhookOptions {
  url: URL;
  key: Uint8Array;
  /** PEM; null for whom everybody trusts. */
  ca: string | null;
  reach: Reach;
  now: () => number;
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
const MOST_BYTES = 64 * 2 ** 10;

/** A signed POST for each batch; any answer of 2xx says that the other side has it. */
export function webhookTarget(options: WebhookOptions): Target {
  const { url, key, ca, reach, now, timeoutMs = TIMEOUT_MS } = options;
  return {
    name: "webhook",
    place: `${url.origin}${url.pathname}`,
    async send(records, signal) {
      const [first, last] = [records[0], records.at(-1)];
      if (first === undefined || last === undefined) return;
      const body = JSON.stringify({ type: "audit.records", timestamp: last.at, data: { records } });
      const message: SignedMessage = { id: `audit_${first.id}-${last.id}`, at: now(), body };
      const headers = { "content-type": "application/json", ...webhookHeaders([key], message) };
      const bounds = { timeoutMs, mostBytes: MOST_BYTES, signal };
      const { status } = await send({ url, method: "POST", headers, body, ca, reach, ...bounds });
      if (status < 200 || status > 299) throw new Error(`it answered with status ${status}`);
    },
  };
}
