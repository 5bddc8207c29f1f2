/** A piece of a guide that a reader would copy. */
export interface Block {
  /** Line of its first line. */
  line: number;
  language: "sh" | "ts" | "other";
  text: string;
  /** What the guide's writer says of it to this test, in a comment that readers do not see. */
  note: { kind: "not run"; why: string } | { kind: "fails"; why: string } | null;
}

const NOTE = /^<!-- (not run|fails): (.+) -->$/;

/** The blocks of a guide, fenced or indented, in order. A note stands before the block that it is about. */
export function blocksOf(markdown: string): Block[] {
  const lines = markdown.split("\n");
  const blocks: Block[] = [];
  let note: Block["note"] = null;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const said = NOTE.exec(line);
    const fence = /^```(\w*)$/.exec(line);
    if (said !== null) note = { kind: said[1] === "fails" ? "fails" : "not run", why: said[2] ?? "" };
    else if (fence !== null) {
      const end = lines.indexOf("```", at + 1);
      blocks.push({
        line: at + 2,
        language: languageOf(fence[1]),
        text: lines.slice(at + 1, end).join("\n"),
        note,
      });
      [at, note] = [end, null];
    } else if (line.startsWith("    ") && (lines[at - 1] ?? "") === "") {
      const end = endOfIndented(lines, at);
      const text = lines.slice(at, end).map((one) => one.slice(4));
      blocks.push({ line: at + 1, language: "sh", text: text.join("\n"), note });
      [at, note] = [end - 1, null];
    } else if (line !== "") note = null;
  }
  return blocks;
}

function languageOf(word: string | undefined): Block["language"] {
  return word === "sh" || word === "ts" ? word : "other";
}

/** An indented block goes on over empty lines. */
function endOfIndented(lines: readonly string[], begin: number): number {
  let end = begin;
  for (let at = begin; at < lines.length; at += 1) {
    if (lines[at]?.startsWith("    ") === true) end = at + 1;
    else if (lines[at] !== "") break;
  }
  return end;
}
