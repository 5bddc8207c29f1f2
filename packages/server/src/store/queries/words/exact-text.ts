/** No text from outside begins like this and stays plain: what does is escaped too. */
const ESCAPED = "\u0001";

/**
 * Text for a column, so that it comes back exactly and equals only itself. Databases keep UTF-8: a lone
 * surrogate would silently become U+FFFD (two different texts would be one), and PostgreSQL refuses NUL.
 */
export function toColumn(text: string): string {
  if (text.isWellFormed() && !text.includes("\0") && !text.startsWith(ESCAPED)) return text;
  return ESCAPED + JSON.stringify(text);
}

export function fromColumn(column: string): string {
  return column.startsWith(ESCAPED) ? (JSON.parse(column.slice(1)) as string) : column;
}
