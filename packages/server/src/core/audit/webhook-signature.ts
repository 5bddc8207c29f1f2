import { createHmac } from "node:crypto";

export interface SignedMessage {
  /** The same whenever the same is sent again. */
  id: string;
  /** Epoch ms of this try. */
  at: number;
  body: string;
}

/** One signature for each key. The headers by which a receiver knows who sent it and that nothing of it was changed, as Standard Webhooks has them. */
export function webhookHeaders(
  keys: readonly Uint8Array[],
  { id, at, body }: SignedMessage,
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const sign = (key: Uint8Array): string =>
    `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  const signature = keys.map(sign).join(" ");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
}

const PREFIX = "whsec_";

/** The key in a text like `whsec_` with base64 behind it; null where it is not one, or shorter than 24 bytes or longer than 64. */
export function webhookKeyOf(text: string): Uint8Array | null {
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : "";
  const key = Buffer.from(encoded, "base64");
  const isWhole = key.toString("base64").replace(/=+$/, "") === encoded.replace(/=+$/, "");
  return isWhole && key.length >= 24 && key.length <= 64 ? key : null;
}
