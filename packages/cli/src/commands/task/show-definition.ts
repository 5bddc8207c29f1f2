import { printable } from "../../core/text/printable.ts";
import type { DefinitionAction, ShownDefinition } from "./definition-action.ts";

/** Where the values stand, below which long ones go on. */
const INDENT = 15;

export async function showDefinition(
  definition: ShownDefinition,
  { flags, cli }: Pick<DefinitionAction, "flags" | "cli">,
): Promise<void> {
  if (flags.json) return cli.out.json(definition);
  const { name, version, owner, updatedAt, updatedBy, spec } = definition;
  const rows: [string, string][] = [
    ["name", name],
    ["version", `${version}, of ${updatedAt} by ${updatedBy}`],
    ["owner", owner],
    ...standing(definition),
    ...Object.entries(spec).map(([field, value]: [string, unknown]): [string, string] => [
      field,
      textOf(value),
    ]),
  ];
  const { wrap } = await import("../../core/text/wrap.ts");
  const lines = rows.map(
    ([title, text]) => `${cli.paintOut("dim", title.padEnd(INDENT - 1))} ${printable(text)}`,
  );
  const { columns } = cli.out;
  await cli.out.line(lines.map((line) => wrap(line, { columns, indent: INDENT })).join("\n"));
}

/** Of a schedule: when it was due, and when it is. */
function standing({ nextAt, lastAt, paused }: ShownDefinition): [string, string][] {
  const rows: [string, string][] = [];
  if (nextAt !== undefined) rows.push(["next", nextAt ?? "never"]);
  if (lastAt) rows.push(["last", lastAt]);
  if (paused) rows.push(["paused", `since ${paused.at}${paused.why === null ? "" : `: ${paused.why}`}`]);
  return rows;
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
