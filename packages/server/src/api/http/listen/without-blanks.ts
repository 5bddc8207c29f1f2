/**
 * A header's text without the blanks around it, which are spaces and tabs there (RFC 9110, 5.6.3). `trim` cuts more: to it
 * the byte A0 is a blank, which is any other letter to whoever sends a header. Each letter is looked at once: the search for
 * `[ \t]+$` begins again at each of 16,000 blanks that somebody sends between two letters.
 */
export function withoutBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
