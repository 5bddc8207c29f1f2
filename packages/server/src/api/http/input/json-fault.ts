const LONGEST_TEXT = 2 ** 20;
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

type Awaited = "value" | "value or ]" | "key" | "key or }" | ":" | ", or ]" | ", or }" | "end";

/**
 * Says where a text stops being JSON and what should stand there. The engine's own message names a position only
 * sometimes, and quotes the text.
 */
export function jsonFault(text: string): string {
  if (text.length > LONGEST_TEXT) return "it is not well-formed";
  const closers: ("]" | "}")[] = [];
  let at = 0;
  let awaited: Awaited = "value";

  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const next = (): Awaited => {
    const closer = closers.at(-1);
    return closer === undefined ? "end" : `, or ${closer}`;
  };

  for (;;) {
    take(SPACE);
    const char = text[at];
    if (char === undefined) break;
    if (awaited.startsWith("value") && (char === "[" || char === "{")) {
      closers.push(char === "[" ? "]" : "}");
      awaited = char === "[" ? "value or ]" : "key or }";
      at++;
    } else if (awaited.startsWith("value") && (take(STRING) || take(SCALAR))) awaited = next();
    else if (awaited.startsWith("key") && take(STRING)) awaited = ":";
    else if (awaited === ":" && char === ":") {
      awaited = "value";
      at++;
    } else if (awaited.startsWith(",") && char === ",") {
      awaited = closers.at(-1) === "]" ? "value" : "key";
      at++;
    } else if (awaited.endsWith(`or ${char}`)) {
      closers.pop();
      awaited = next();
      at++;
    } else break;
  }
  return `expected ${awaited === "end" ? "the end" : awaited} at ${place(text, at)}`;
}

/** A place in words; in a text of megabytes without its line, which would have to be counted. */
export function place(text: string, at: number): string {
  if (text.length > LONGEST_TEXT) return `position ${at}`;
  const before = text.slice(0, at).split("\n");
  return `position ${at} (line ${before.length}, column ${(before.at(-1) ?? "").length + 1})`;
}
