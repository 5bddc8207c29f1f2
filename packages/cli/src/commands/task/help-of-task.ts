import type { Cli } from "../../core/cli.ts";
import { type Kind, type Question, questionsOf } from "../../core/prompt/form.ts";
import { shown, wordOf } from "../../core/prompt/words.ts";
import { printable } from "../../core/text/printable.ts";

/** What a task takes, as the flags that say it. */
export async function helpOfTask(name: string, cli: Cli): Promise<string> {
  const berth = await cli.connectAsUser();
  const schema = await berth.tasks.schema(name);
  const questions = questionsOf(schema);
  const about = typeof schema["description"] === "string" ? [schema["description"], ""] : [];
  const flags = questions.map((question) => [flagOf(question), aboutOf(question)] as const);
  const longest = Math.min(Math.max(0, ...flags.map(([flag]) => flag.length)), LONGEST_FLAG);
  const rows = flags.map(([flag, text]) => printable(`  ${flag.padEnd(longest)}  ${text}`).trimEnd());
  const takes =
    questions.length === 0
      ? [`${ANYTHING} \`berth task schema ${name}\` shows all that is known.`]
      : ["Input:", ...rows];
  return [
    `Usage: berth task run ${name} [--input FILE] [--set FIELD=VALUE...]`,
    "",
    ...about.map(printable),
    ...takes,
    "",
    "--input takes the whole input from a file, - from yours; --set goes over it.",
    "At a terminal what is left out is asked for, unless there is --no-ask.",
    "All flags: `berth task --help`.",
    "",
  ].join("\n");
}

const LONGEST_FLAG = 40;
const ANYTHING = "It says of no field what it takes.";

function flagOf({ path, kind }: Question): string {
  const field = path.join(".");
  return /^[\w.-]+$/.test(field)
    ? `--set ${field}=${valueWord(kind)}`
    : `--set '${field}=${valueWord(kind)}'`;
}

function valueWord(kind: Kind): string {
  switch (kind.kind) {
    case "text":
    case "secret":
      return "TEXT";
    case "number":
      return "N";
    case "boolean":
      return "true|false";
    case "enum":
      return kind.values.map(shown).join("|");
    case "list":
      return "[A,B]";
    case "json":
      return "JSON";
  }
}

function aboutOf({ about, kind, required, default: usual }: Question): string {
  const words = [
    ...(kind.kind === "number" || kind.kind === "list" ? [wordOf(kind)] : []),
    ...(required ? ["required"] : []),
    ...(usual !== undefined && kind.kind !== "secret" ? [`default ${shown(usual)}`] : []),
  ];
  const inside = words.length === 0 ? "" : `(${words.join(", ")})`;
  return [about ?? "", inside].filter((part) => part !== "").join(" ");
}
