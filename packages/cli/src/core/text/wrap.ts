import stringWidth from "string-width";

/**
 * A text in lines of a terminal's width, broken between words; the lines after the first begin below the text, not below
 * its label. Colours count nothing. A word that is longer than a line stays whole.
 */
export function wrap(
  text: string,
  { columns, indent = 0 }: { columns: number | null; indent?: number },
): string {
  if (columns === null || stringWidth(text) <= columns || columns <= indent + NARROWEST) return text;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (line !== "" && stringWidth(joined) > columns) {
      lines.push(line);
      line = " ".repeat(indent) + word;
    } else line = joined;
  }
  return [...lines, line].join("\n");
}

const NARROWEST = 10;
