import type { Command } from "@bomb.sh/tab";
import type { Cli } from "../../core/cli.ts";
import { type AnyCommand, everywhere, type Flags, isHidden } from "../../core/define-command.ts";
import type { TableEntry } from "../command-table.ts";
import { hostPrograms } from "./host-commands.ts";

/** A person waits at the keyboard: without an answer by then, there are no ids to choose from. */
const PATIENCE_MS = 300;
const NEWEST = 20;

/** Answers a shell that completes a command line: `berth complete -- list --st`. Prints one suggestion a line. */
export async function complete(
  words: readonly string[],
  { table, cli }: { table: readonly TableEntry[]; cli: Cli },
): Promise<void> {
  const { default: root } = await import("@bomb.sh/tab");
  const entry = table.find(({ name }) => name === words[0]);
  const definition = await entry?.load();
  if (definition !== undefined && isPath(words, definition)) return await cli.out.line(FILES);
  const ids = definition?.arguments.some(({ name }) => name === "ID") === true ? await newestIds(cli) : [];
  for (const { name, about } of table) {
    const command = root.command(name, about);
    if (name === entry?.name && definition !== undefined) describe(command, { definition, ids });
  }
  for (const { name, about } of hostPrograms) root.command(name, about);
  root.parse([...words]);
}

/** What a shell reads as: nothing from here, complete it as a path. */
const FILES = ":0";

/** Whether the last word is a path: the value of such a flag, or a word of the command that the job will run. */
function isPath(words: readonly string[], { flags, passthrough }: AnyCommand): boolean {
  const given: Flags = { ...flags, ...everywhere };
  const flagOf = (word: string | undefined): Flags[string] | undefined =>
    Object.entries(given).find(
      ([name, { short }]) => word === `--${name}` || word === `-${short ?? name}`,
    )?.[1];
  let at = 1;
  while (at < words.length - 1) {
    const word = words[at] ?? "";
    if (word === "--" || !word.startsWith("-")) return passthrough === true;
    const flag = flagOf(word);
    const takesNext = flag !== undefined && flag.type !== "boolean";
    if (takesNext && at === words.length - 2) return flag.path === true;
    at += takesNext ? 2 : 1;
  }
  return passthrough === true && words.at(-1)?.startsWith("-") === false;
}

interface Suggestion {
  value: string;
  about: string;
}

function describe(
  command: Command,
  { definition, ids }: { definition: AnyCommand; ids: Suggestion[] },
): void {
  const flags: Flags = { ...definition.flags, ...everywhere };
  for (const [name, { about, type, choices = [] }] of Object.entries(flags)) {
    if (isHidden(definition, name)) continue;
    if (type === "boolean") command.option(name, about);
    else command.option(name, about, (suggest) => choices.forEach((choice) => suggest(choice, "")));
  }
  for (const { name, variadic, choices = [] } of definition.arguments) {
    const values = name === "ID" ? ids : choices.map((value) => ({ value, about: "" }));
    command.argument(
      name,
      (suggest) => values.forEach(({ value, about }) => suggest(value, about)),
      variadic,
    );
  }
}

/** The newest jobs, or none when the server cannot be asked quickly: completion never fails. */
async function newestIds(cli: Cli): Promise<Suggestion[]> {
  try {
    const berth = await cli.connect();
    const { items } = await berth.jobs
      .list({ limit: NEWEST, signal: AbortSignal.timeout(PATIENCE_MS) })
      .page();
    return items.map(({ id, name, state }) => ({
      value: id,
      about: name === null ? state : `${name}, ${state}`,
    }));
  } catch {
    return [];
  }
}
