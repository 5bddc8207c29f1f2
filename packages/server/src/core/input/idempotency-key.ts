/** Why this cannot be the key of a submit; null when it can. */
export function idempotencyKeyProblem(key: unknown): string | null {
  if (typeof key === "string" && /^[\x21-\x7e]{1,255}$/.test(key)) return null;
  return "must be 1 to 255 visible ASCII characters without spaces";
}
