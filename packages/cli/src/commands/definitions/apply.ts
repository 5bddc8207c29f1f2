import { BerthError, isBerthError } from "@berth/protocol/errors";
import type { Applied, AppliedItem, Berth } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { printable } from "../../core/text/printable.ts";
import { waitingLine } from "../../core/text/waiting-line.ts";
import { UsageError } from "../../core/usage-error.ts";
import { type Gathered, gather } from "./gather.ts";
import { readFiles } from "./read-files.ts";

export const apply = defineCommand({
  arguments: [],
  flags: {
    file: {
      type: "list",
      short: "f",
      about: "What shall be; a folder is its files, - reads yours (repeat it)",
      value: "FILE",
      path: true,
    },
    "dry-run": { type: "boolean", about: "Check it all, tell what would change, change nothing" },
    "exit-code": { type: "boolean", about: "End with 1 where something changes, or would" },
    ...jsonFlag,
  },
  details: [
    "A file is YAML: lists of roles, bindings, runners, tasks, schedules, webhooks;",
    "each entry is what the API takes. All of it comes to be or nothing does, and",
    "what says the same already is left alone. An entry is all that it says: a field",
    "that is left out is taken away. What no file names stays: delete it by name, as",
    "with `berth task delete`. Secrets are named in a file, and made beforehand.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth apply -f berth.yaml --dry-run", about: "what would change, field by field" },
    { line: "berth apply -f berth.yaml", about: "have it so" },
    { line: "berth export | berth apply -f -", about: "changes nothing" },
  ],
  async run({ flags }, cli) {
    if (flags.file.length === 0)
      throw new UsageError(
        "Cannot apply: no file is named",
        "Name one with -f, or a folder, or - for your input",
      );
    const files = await readFiles(flags.file, cli.surroundings.stdin);
    const { readYaml } = await import("./yaml-file.ts");
    const gathered = gather(files, readYaml);
    const berth = await cli.connectAsUser();
    const applied = await ask(berth, { gathered, dryRun: flags["dry-run"], cli });
    if (flags.json) await cli.out.json(applied);
    else await show(applied, cli);
    const isSame = applied.items.every(({ action }) => action === "unchanged");
    return (flags["exit-code"] && !isSame ? exitCodes.failed : exitCodes.ok).code;
  },
});

async function ask(
  berth: Berth,
  { gathered, dryRun, cli }: { gathered: Gathered; dryRun: boolean; cli: Cli },
): Promise<Applied> {
  const count = Object.values(gathered.body).reduce<number>((sum, list) => sum + lengthOf(list), 0);
  const what = `${dryRun ? "Checking" : "Applying"} ${count} ${count === 1 ? "definition" : "definitions"}`;
  using _ = waitingLine(cli.err, what);
  try {
    // What is in it is the server's to check.
    return await berth.apply(gathered.body, { dryRun });
  } catch (error) {
    throw placedError(error, gathered);
  }
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}

/** The same, naming files and lines where the server names fields. */
function placedError(error: unknown, { placed }: Gathered): unknown {
  if (!isBerthError(error) || error.problems.length === 0) return error;
  const { code, message, fix, requestId } = error;
  const problems = error.problems.map(placed);
  return new BerthError(code, message, {
    problems,
    fix,
    cause: error,
    ...(requestId !== null && { requestId }),
  });
}

const words = { create: "created", update: "updated", unchanged: "unchanged" } as const;
const wouldWords = { create: "to create", update: "to update", unchanged: "unchanged" } as const;
const WIDTH = 10;

async function show({ items, dryRun }: Applied, cli: Cli): Promise<void> {
  const shown = dryRun ? wouldWords : words;
  const { wrap } = await import("../../core/text/wrap.ts");
  const lines = items.flatMap((item) => [
    `${shown[item.action].padEnd(WIDTH)} ${item.kind} ${printable(item.name)}${versions(item)}`,
    ...item.changes.map(({ field, before, after }) => {
      const line = `  ${printable(field)}: ${text(before)} -> ${text(after)}`;
      return cli.paintOut("dim", wrap(line, { columns: cli.out.columns, indent: WIDTH }));
    }),
  ]);
  if (lines.length > 0) await cli.out.line(lines.join("\n"));
  const count = (action: AppliedItem["action"]): number =>
    items.filter((item) => item.action === action).length;
  const counts = (["create", "update", "unchanged"] as const).map((one) => `${count(one)} ${shown[one]}`);
  const note = dryRun ? ", and nothing was changed" : "";
  await cli.err.line(items.length === 0 ? "berth: nothing is named" : `berth: ${counts.join(", ")}${note}`);
}

function versions({ from, to }: AppliedItem): string {
  if (from === null) return to === null ? "" : ` (version ${to})`;
  return from === to ? ` (version ${from})` : ` (version ${from} -> ${to})`;
}

function text(value: unknown): string {
  return value === null || value === undefined ? "nothing" : printable(JSON.stringify(value));
}
