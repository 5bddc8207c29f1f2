import type { Problem } from "@berth/protocol";

/** What a run without a body is given. */
const NO_INPUT = "{}";

/** The body of a run as text, or what keeps it from being one. Whether it is JSON is the schema's to ask. */
export function readInput(body: Uint8Array): { text: string } | { problem: Problem } {
  if (body.length === 0) return { text: NO_INPUT };
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    if (text.includes("\0")) return { problem: { field: "body", message: "must not hold a NUL character" } };
    return { text };
  } catch {
    return { problem: { field: "body", message: "must be UTF-8" } };
  }
}
