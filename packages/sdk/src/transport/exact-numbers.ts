/** Makes a value of a number that a double cannot carry, from its digits as they were written. */
export type ExactNumber = (digits: string) => unknown;

/**
 * `JSON.parse`, with numbers that it would round given to `exactNumber`: those that a double has not exactly as they
 * were written. By hand, as not every engine tells a reviver what was written. Throws SyntaxError.
 */
export function parseJson(text: string, exactNumber?: ExactNumber): unknown {
  if (exactNumber === undefined || !MAY_BE_ROUNDED.test(text)) return JSON.parse(text) as unknown;
  // A string that no document holds by accident, nor on purpose.
  const mark = `number ${crypto.getRandomValues(new Uint32Array(4)).join("-")} `;
  const { marked, count } = withMarks(text, mark);
  if (count === 0) return JSON.parse(text) as unknown;
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith(mark) ? exactNumber(value.slice(mark.length)) : value,
  ) as unknown;
}

/** Fifteen digits and fewer are always exact. */
const MAY_BE_ROUNDED = /\d[\d.]{15}|\d[eE]/;
const NUMBER = /-?\d[\d.eE+-]*/y;

/** The document with a string for each number that would be rounded. */
function withMarks(text: string, mark: string): { marked: string; count: number } {
  const parts: string[] = [];
  let from = 0;
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') at = endOfString(text, at);
    NUMBER.lastIndex = at;
    const digits = isNumberStart(text.charCodeAt(at)) ? NUMBER.exec(text)?.[0] : undefined;
    if (digits === undefined) continue;
    if (!isExact(digits)) {
      parts.push(text.slice(from, at), JSON.stringify(mark + digits));
      from = at + digits.length;
      count++;
    }
    at += digits.length - 1;
  }
  return { marked: parts.join("") + text.slice(from), count };
}

function isNumberStart(code: number): boolean {
  return code === 0x2d || (code >= 0x30 && code <= 0x39);
}

/** Where the string that begins here ends; the end of a text in which it does not. */
function endOfString(text: string, opening: number): number {
  for (let quote = text.indexOf('"', opening + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    // An even number of them escapes itself.
    if (backslashes % 2 === 0) return quote;
  }
  return text.length;
}

function isExact(digits: string): boolean {
  return digits.length <= 15 && !/[eE]/.test(digits) ? true : plain(digits) === plain(String(Number(digits)));
}

/** One spelling for all that mean the same: the digits that count, and where the point stands. */
function plain(number: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const short = digits.replace(/0+$/, "");
  if (short === "") return "0";
  return `${sign}${short} ${Number(exponent) - fraction.length + digits.length}`;
}
