import { type Argument, Command, CommanderError, Option } from "commander";
import { type AnyCommand, everywhere, type Flag, type Flags, isHidden } from "./define-command.ts";
import { UsageError } from "./usage-error.ts";

/** A command's place in the help. */
export interface CommandEntry {
  name: string;
  about: string;
}

export type Parsed =
  | { kind: "run"; args: readonly string[]; flags: Readonly<Record<string, unknown>> }
  /** Help or version was asked for: print this and be done. */
  | { kind: "text"; text: string };

const COLUMNS = 80;

/** The command as commander knows it. */
export function toCommander(entry: CommandEntry, definition: AnyCommand): Command {
  const command = quiet(new Command(entry.name)).description(entry.about);
  for (const argument of definition.arguments) {
    const shown = argument.variadic === true ? `${argument.name}...` : argument.name;
    const name = argument.optional === true ? `[${shown}]` : `<${shown}>`;
    const made = command.createArgument(name, argument.about);
    command.addArgument(argument.choices === undefined ? made : made.choices(argument.choices));
  }
  for (const [name, flag] of Object.entries({ ...definition.flags, ...everywhere })) {
    command.addOption(toOption(name, flag).hideHelp(isHidden(definition, name)));
  }
  if (definition.passthrough === true) command.passThroughOptions().usage("[flags] [--] CMD [ARGS...]");
  else command.usage(["[flags]", ...definition.arguments.map(usageOf)].join(" "));
  return command.addHelpText("after", helpEnd(definition));
}

/** Parses the words after the command's name. */
export function parseCommand(
  entry: CommandEntry,
  definition: AnyCommand,
  options: { argv: readonly string[] },
): Parsed {
  const command = toCommander(entry, definition);
  const text = capture(command);
  let parsed: Parsed | null = null;
  command.action(() => {
    parsed = {
      kind: "run",
      args: command.args,
      flags: valuesOf(command, { ...definition.flags, ...everywhere }),
    };
  });
  // Commander wants a parent for its usage line and for the flags that are passed through.
  const program = quiet(new Command("berth")).enablePositionalOptions().addCommand(command);
  try {
    program.parse([entry.name, ...options.argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return { kind: "text", text: text() };
    throw translate(error, `berth ${entry.name}`);
  }
  return parsed ?? { kind: "text", text: text() };
}

/** Commander's refusal in the words of this program. */
export function translate(error: unknown, command: string): unknown {
  if (!(error instanceof CommanderError)) return error;
  const [what = "", hint] = error.message
    .replace(/^error: /, "")
    .replaceAll("'", '"')
    .split("\n");
  const meant = /Did you mean (?:one of )?(.*)\?/.exec(hint ?? "")?.[1];
  const fix = meant === undefined ? `See \`${command} --help\`` : `Did you mean ${meant}?`;
  return new UsageError(`Cannot read the command line: ${what.replace(/\.$/, "")}`, fix);
}

/** Commander that neither prints nor ends the process. */
export function quiet(command: Command): Command {
  return command
    .exitOverride()
    .configureOutput({
      writeErr: () => undefined,
      getOutHelpWidth: () => COLUMNS,
      getOutHasColors: () => false,
    })
    .configureHelp({
      showGlobalOptions: false,
      styleTitle: (title) => title.replace("Options:", "Flags:"),
      argumentDescription: aboutArgument,
    })
    .helpOption("-h, --help", "Show this help")
    .helpCommand(false);
}

/** With the choices that its description does not name already. */
function aboutArgument({ description, argChoices: choices = [] }: Argument): string {
  const words = description.split(/[^\w-]+/);
  if (choices.every((choice) => words.includes(choice))) return description;
  return `${description} (choices: ${choices.map((choice) => JSON.stringify(choice)).join(", ")})`;
}

/** Collects what a command would print. */
export function capture(command: Command): () => string {
  let text = "";
  command.configureOutput({ writeOut: (part) => void (text += part) });
  return () => text;
}

function toOption(name: string, flag: Flag): Option {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  const value = flag.type === "boolean" ? "" : ` <${flag.value ?? name.toUpperCase()}>`;
  const option = new Option(`${short}--${name}${value}`, flag.about);
  if (flag.choices !== undefined) option.choices(flag.choices);
  if (flag.type === "list") {
    option.argParser((given: string, before: readonly string[] | undefined) => [...(before ?? []), given]);
  }
  return option;
}

function valuesOf(command: Command, flags: Flags): Record<string, unknown> {
  const given: Record<string, unknown> = command.opts();
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => {
      // Commander keeps `--no-x` as the negation of x.
      if (name.startsWith("no-")) return [name, given[attribute(name.slice(3))] === false];
      const value = given[attribute(name)];
      if (flag.type === "boolean") return [name, value === true];
      return [name, value ?? { boolean: false, list: [], string: undefined }[flag.type]];
    }),
  );
}

function attribute(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function usageOf({ name, variadic }: { name: string; variadic?: boolean }): string {
  return variadic === true ? `${name}...` : name;
}

function helpEnd({ examples, details = [] }: AnyCommand): string {
  const longest = Math.max(...examples.map(({ line }) => line.length));
  const shown = examples.map(({ line, about }) =>
    longest + about.length + 6 > COLUMNS
      ? `  # ${about}\n  ${line}`
      : `  ${line.padEnd(longest)}  # ${about}`,
  );
  return ["", ...(details.length > 0 ? [...details, ""] : []), "Examples:", ...shown].join("\n");
}
