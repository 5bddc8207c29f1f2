import { exitCodes } from "../../core/exit-codes.ts";
import type { Calls, DefinitionAction, ShownDefinition } from "./definition-action.ts";
import { nameAnd, versionIn } from "./definition-action.ts";
import { showDefinition, textOf } from "./show-definition.ts";

const PAGE = 100;

/** What a list tells of each, beside who made it. */
const titles = { runner: "FOR", task: "RUNS", schedule: "WHEN AND WHAT", webhook: "RUNS" } as const;

export async function listDefinitions(action: DefinitionAction): Promise<number> {
  const { noun, flags, cli } = action;
  const all = await every((cursor) => callsOf(action).then((calls) => calls.list({ cursor, limit: PAGE })));
  if (flags.json) await cli.out.json(all);
  else if (all.length === 0) await cli.err.line(`berth: no ${noun}s`);
  else {
    const rows = all.map((one) => [one.name, String(one.version), one.owner, describe(one.spec)]);
    await table(action, ["NAME", "VERSION", "OWNER", titles[noun]], rows);
  }
  return exitCodes.ok.code;
}

export async function getDefinition(action: DefinitionAction): Promise<number> {
  const [name] = nameAnd(action, { action: "get" });
  const version = versionIn(action.flags.at);
  await showDefinition(await (await callsOf(action)).get(name, { version }), action);
  return exitCodes.ok.code;
}

export async function listVersions(action: DefinitionAction): Promise<number> {
  const { flags, cli } = action;
  const [name] = nameAnd(action, { action: "versions" });
  const calls = await callsOf(action);
  const all = await every((cursor) => calls.versions(name, { cursor, limit: PAGE }));
  if (flags.json) await cli.out.json(all);
  else {
    const rows = all.map(({ version, at, by, spec }) => [String(version), at, by, describe(spec)]);
    await table(action, ["VERSION", "SINCE", "BY", "SAYS"], rows);
  }
  return exitCodes.ok.code;
}

/** Without versions what the last change was. */
export async function diffDefinition(action: DefinitionAction): Promise<number> {
  const { flags, cli } = action;
  const [name, from, to] = nameAnd(action, { action: "diff", more: 2, like: "NAME [FROM] [TO]" });
  const asked = { from: versionIn(from), to: versionIn(to) };
  const found = await (await callsOf(action)).diff(name, asked);
  if (flags.json) await cli.out.json(found);
  else if (found.changes.length === 0)
    await cli.err.line(`berth: versions ${found.from} and ${found.to} say the same`);
  else {
    const rows = found.changes.map(({ field, before, after }) => [field, shown(before), shown(after)]);
    await table(action, ["FIELD", `VERSION ${found.from}`, `VERSION ${found.to}`], rows);
  }
  return exitCodes.ok.code;
}

async function callsOf(action: DefinitionAction): Promise<Calls> {
  return action.calls(await action.cli.connectAsUser());
}

/** All pages. */
export async function every<Item>(
  page: (cursor: string | undefined) => Promise<{ items: Item[]; next: string | null }>,
): Promise<Item[]> {
  const all: Item[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await page(cursor);
    all.push(...items);
    if (next === null) return all;
    cursor = next;
  }
}

export async function table(
  { cli }: DefinitionAction,
  titles: readonly string[],
  rows: string[][],
): Promise<void> {
  const { renderTable } = await import("../../core/text/table.ts");
  const columns = titles.map((title, n) => ({
    title,
    ...(n === titles.length - 1 && { flexible: true, wrap: true }),
  }));
  await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
}

function describe(spec: ShownDefinition["spec"]): string {
  const { description, command, cron, zone, task } = spec as Readonly<Record<string, unknown>>;
  if (cron !== undefined) return [cron, zone ?? "UTC", task].map(textOf).join("  ");
  return textOf(command ?? task ?? description ?? "");
}

function shown(value: unknown): string {
  return value === null || value === undefined ? "" : textOf(value);
}
