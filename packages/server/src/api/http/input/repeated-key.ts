import { place } from "./json-fault.ts";

/** Whether a value of at most a few levels has fewer keys than were written: some object had one of them twice. */
export function hasFewerKeys(value: unknown, written: number): boolean {
  return countKeys(value) < written;
}

function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const inner of value) if (typeof inner === "object") count += countKeys(inner);
    return count;
  }
  for (const inner of Object.values(value)) count += 1 + (typeof inner === "object" ? countKeys(inner) : 0);
  return count;
}

interface Level {
  /** The keys so far; null for a list. */
  keys: Set<string> | null;
  /** Where in it the scan is. */
  at: PropertyKey;
}

/** The first key that comes twice in one object of a well-formed document, and where it does so. */
export function repeatedKey(text: string): { at: readonly PropertyKey[]; place: string } {
  const open: Level[] = [];
  for (let i = nextMark(text, 0); i < text.length; i = nextMark(text, i + 1)) {
    const level = open.at(-1);
    switch (text[i]) {
      case "{":
        open.push({ keys: new Set(), at: "" });
        break;
      case "[":
        open.push({ keys: null, at: 0 });
        break;
      case "}":
      case "]":
        open.pop();
        break;
      case ",":
        if (typeof level?.at === "number") level.at++;
        break;
      case '"': {
        const end = closingQuote(text, i);
        if (level?.keys && isKey(text, end)) {
          level.at = JSON.parse(text.slice(i, end + 1)) as string;
          if (level.keys.has(level.at)) return { at: open.map(({ at }) => at), place: place(text, i) };
          level.keys.add(level.at);
        }
        i = end;
        break;
      }
      default:
    }
  }
  throw new Error("Cannot find a key that comes twice: there is none");
}

const MARK = /[{}[\],"]/g;

/** Where the next bracket, comma or string stands: megabytes of blanks are gone through many times faster in one leap. */
function nextMark(text: string, from: number): number {
  MARK.lastIndex = from;
  return MARK.exec(text)?.index ?? text.length;
}

function closingQuote(text: string, opening: number): number {
  for (let quote = text.indexOf('"', opening + 1); ; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    // An even number of them escapes itself.
    if (backslashes % 2 === 0) return quote;
  }
}

const COLON = /[ \t\n\r]*:/y;

function isKey(text: string, end: number): boolean {
  COLON.lastIndex = end + 1;
  return COLON.test(text);
}
