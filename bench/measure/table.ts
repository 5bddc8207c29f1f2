import { type Goal, isHeld, ratioOf, type Row } from "./row.ts";

const HEADER = ["figure", "unit", "Berth", "floor", "ratio", "goal", ""];

/** Rows as the lines of a Markdown table that is also readable as plain text. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [HEADER, ...rows.map(cells)];
  const widths = HEADER.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0), 3));
  const render = (line: readonly string[]) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = "", ...body] = lines.map(render);
  return [head, render(widths.map((width) => "-".repeat(width))), ...body].join("\n");
}

function cells(row: Row): string[] {
  const ratio = ratioOf(row);
  return [
    row.what,
    row.unit,
    format(row.berth),
    row.floor === null ? "" : format(row.floor),
    ratio === null ? "" : ratio.toFixed(2),
    goalText(row.goal),
    verdicts.get(isHeld(row)) ?? "",
  ];
}

const verdicts: ReadonlyMap<boolean | null, string> = new Map([
  [true, "held"],
  [false, "MISSED"],
]);

function goalText(goal: Goal): string {
  if (goal.kind === "none") return "";
  const bound = "atMost" in goal ? `at most ${goal.atMost}` : `at least ${goal.atLeast}`;
  return goal.kind === "ratio" ? `${bound} x` : bound;
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
