import { isUtf8 } from "node:buffer";
import { BerthError } from "@berth/protocol";
import { fieldName } from "../../../core/input/check.ts";
import { jsonFault } from "./json-fault.ts";
import { hasFewerKeys, repeatedKey } from "./repeated-key.ts";

/** What a JSON body may hold, whatever the schema says later. The schemas are four levels deep. */
const MOST_DEPTH = 32;
const MOST_VALUES = 20_000;

/**
 * Parses the body of a request. Throws REQUEST_INVALID for what is no JSON, for what would cost far more than its
 * size (a bomb of brackets or of tiny values), and for what readers understand in different ways: a key twice in one
 * object, `__proto__`, half a surrogate pair, bytes that are not UTF-8. An empty body is undefined.
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw invalid("must be UTF-8");
  const { bomb, keys } = outlineOf(bytes);
  if (bomb !== null) throw invalid(bomb);
  const text = bytes.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(`must be JSON: ${jsonFault(text)}`);
  }
  // Of a key that comes twice the parser keeps one: who checked the other has checked nothing.
  if (hasFewerKeys(value, keys)) {
    const { at, place } = repeatedKey(text);
    throw invalid(`comes twice in one object, the second time at ${place}`, at);
  }
  // Escapes can spell what the text does not show, so a text without any of these needs no second look.
  if (/__proto__|\\u/.test(text)) refuseTraps(value, []);
  return value;
}

/** What shows before anything is parsed: a bomb, and how many keys are written. */
function outlineOf(bytes: Buffer): { bomb: string | null; keys: number } {
  let depth = 0;
  let values = 0;
  let keys = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      i = endOfString(bytes, i + 1);
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > MOST_DEPTH) return { bomb: `must be at most ${MOST_DEPTH} levels deep`, keys };
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    else if (byte === COLON) keys++;
    else if (byte === COMMA && ++values > MOST_VALUES)
      return { bomb: `must hold at most ${MOST_VALUES} values`, keys };
  }
  return { bomb: null, keys };
}

/** Where the closing quote stands. Most strings are short; a long one is gone through many times faster in leaps. */
function endOfString(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; ) {
    const near = Math.min(at + 64, bytes.length);
    for (; at < near && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    if (at < near) return at;
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1) return bytes.length;
    let backslashes = 0;
    while (quote - backslashes > at && bytes[quote - backslashes - 1] === BACKSLASH) backslashes++;
    // An even number of them escapes itself.
    if (backslashes % 2 === 0) return quote;
    at = quote + 1;
  }
  return bytes.length;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Recursion is safe here: the depth was checked. */
function refuseTraps(value: unknown, at: readonly PropertyKey[]): void {
  if (typeof value === "string" && !value.isWellFormed())
    throw invalid("must not hold half a surrogate pair", at);
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "__proto__") throw invalid("must not have the key __proto__", at);
    if (!key.isWellFormed()) throw invalid("must not have a key with half a surrogate pair", at);
    refuseTraps(inner, [...at, Array.isArray(value) ? Number(key) : key]);
  }
}

function invalid(message: string, at: readonly PropertyKey[] = []): BerthError {
  const field = fieldName(at);
  return new BerthError("REQUEST_INVALID", `Cannot read the request: ${field} ${message}`, {
    problems: [{ field, message }],
  });
}
