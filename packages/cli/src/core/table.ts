import Table from "cli-table3";
import { printable } from "./printable.ts";

export interface Column {
  title: string;
  /** Takes what is left of the width; text that does not fit is cut, or wrapped with `wrap`. */
  flexible?: boolean;
  wrap?: boolean;
}

const GAP = 2;
const NARROWEST = 6;

/**
 * Rows in columns, without lines around them. With a width, the flexible columns share what the others leave;
 * a column without any value is left out. Cells are made printable here; `paint` colours a cell afterwards.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { columns: number | null; paint?: (text: string, row: number, column: number) => string },
): string {
  const shown = columns
    .map((column, at) => ({ ...column, at }))
    .filter(({ at }) => rows.some((row) => row[at] !== ""));
  const cells = rows.map((row) => shown.map(({ at }) => printable(row[at] ?? "")));
  const widths = fit(shown, { cells, total: options.columns });
  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], "padding-left": 0, "padding-right": GAP },
    head: shown.map(({ title }) => title),
    colWidths: widths.map((width) => width + GAP),
    wordWrap: shown.some(({ wrap }) => wrap === true),
    wrapOnWordBoundary: true,
  });
  for (const [row, line] of cells.entries()) {
    table.push(line.map((text, at) => options.paint?.(text, row, shown[at]?.at ?? at) ?? text));
  }
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

function fit(
  shown: readonly Column[],
  { cells, total }: { cells: readonly (readonly string[])[]; total: number | null },
): number[] {
  const natural = shown.map(({ title }, at) =>
    Math.max(title.length, ...cells.map((line) => line[at]?.length ?? 0)),
  );
  if (total === null) return natural;
  let left = total - GAP * (shown.length - 1);
  const widths = [...natural];
  // The narrowest first: what it does not need is for the others.
  const order = natural.map((_, at) => at).toSorted((a, b) => rank(a) - rank(b));
  for (const [served, at] of order.entries()) {
    const share =
      shown[at]?.flexible === true ? Math.floor(left / (order.length - served)) : Number.POSITIVE_INFINITY;
    widths[at] = Math.min(natural[at] ?? 0, Math.max(share, NARROWEST));
    left -= widths[at];
  }
  return widths;

  function rank(at: number): number {
    return shown[at]?.flexible === true ? (natural[at] ?? 0) : -1;
  }
}

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};
