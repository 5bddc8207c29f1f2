/** Controls, formats (those that turn the direction of text too), lone surrogates, and what ends a line. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/**
 * Text of unknown origin as it may stand in a sentence or on a terminal: what cannot be seen is written as its number,
 * and more than `most` characters are cut off.
 */
export function printable(text: string, { most }: { most: number }): string {
  // Before the characters are looked at: what is cut off need not be.
  const start = text.slice(0, most + 1);
  const shown = start.slice(0, most).replaceAll(UNSEEN, escaped);
  return start.length > most ? `${shown}…` : shown;
}

function escaped(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}
