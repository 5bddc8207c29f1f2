import Table from "cli-table3";
import stringWidth from "string-width";
import { printable } from "./printable.ts";

export interface Column {
  title: string;
  /** Takes what is left of the width; text that does not fit is cut, or wrapped with `wrap`. */
  flexible?: boolean;
  wrap?: boolean;
  /** Left out where the terminal is too narrow for all: the column with the highest number first. */
  drop?: number | undefined;
}

const GAP = 2;
const NARROWEST = 6;

/**
 * Rows in columns, without lines around them. With a width, columns that may be dropped give way until the others fit,
 * and the flexible ones share what the others leave; a column without any value is left out. Widths are counted as a
 * terminal shows them: two for a wide character. Cells are made printable here; `paint` colours a cell afterwards.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { columns: number | null; paint?: (text: string, row: number, column: number) => string },
): string {
  const filled = columns
    .map((column, at) => ({ ...column, at }))
    .filter(({ at }) => rows.some((row) => row[at] !== ""));
  const shown = fitting(filled, { rows, total: options.columns });
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

interface Shown extends Column {
  at: number;
}

/** Without the columns for which there is no room. */
function fitting(
  shown: readonly Shown[],
  { rows, total }: { rows: readonly (readonly string[])[]; total: number | null },
): readonly Shown[] {
  if (total === null) return shown;
  const least = shown.reduce((sum, column) => {
    const natural = naturalWidth(
      column.title,
      rows.map((row) => printable(row[column.at] ?? "")),
    );
    return sum + GAP + (column.flexible === true ? Math.min(natural, NARROWEST) : natural);
  }, -GAP);
  if (least <= total) return shown;
  const highest = Math.max(...shown.map(({ drop = 0 }) => drop));
  if (highest === 0) return shown;
  const dropped = shown.findLast(({ drop }) => drop === highest);
  return fitting(
    shown.filter((column) => column !== dropped),
    { rows, total },
  );
}

function naturalWidth(title: string, cells: readonly string[]): number {
  return cells.reduce((widest, cell) => Math.max(widest, stringWidth(cell)), title.length);
}

function fit(
  shown: readonly Column[],
  { cells, total }: { cells: readonly (readonly string[])[]; total: number | null },
): number[] {
  const natural = shown.map(({ title }, at) =>
    naturalWidth(
      title,
      cells.map((line) => line[at] ?? ""),
    ),
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
