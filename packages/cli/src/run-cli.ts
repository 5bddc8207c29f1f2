import { commandTable } from "./commands/command-table.ts";
import { hostPrograms, refuseHostCommand } from "./commands/shell/host-commands.ts";
import { meantBy } from "./commands/shell/wrong-words.ts";
import { type Cli, openCli } from "./core/cli.ts";
import { type Flags, type AnyCommand } from "./core/define-command.ts";
import { exitCodeOfError, exitCodes } from "./core/exit-codes.ts";
import { type CommandEntry, type Parsed } from "./core/parse-command.ts";
import { printError } from "./core/print-error.ts";
import { printable } from "./core/text/printable.ts";
import { UsageError } from "./core/usage-error.ts";
import type { Surroundings } from "./core/surroundings.ts";

/** Runs one command line; resolves with the exit code. Loads the module of that command and no other. */
export async function runCli(given: readonly string[], surroundings: Surroundings): Promise<number> {
  // `berth help CMD` is `berth CMD --help`.
  const argv = given[0] === "help" && given.length === 2 ? [...given.slice(1), "--help"] : given;
  const entry = commandTable.find(({ name }) => name === argv[0]);
  let flags: Flags = {};
  let url: string | undefined;
  let ca: string | undefined;
  let grpc: string | undefined;
  let verbose = false;
  const cli = openCli(surroundings, {
    url: () => url,
    ca: () => ca,
    grpc: () => grpc,
    openGrpc: async (target, credentials) =>
      (await import("./core/grpc-transport.ts")).grpcTransport(target, credentials),
  });
  try {
    if (argv[0] === "complete" && argv[1] === "--") {
      const { complete } = await import("./commands/shell/complete.ts");
      await complete(argv.slice(2), { table: commandTable, cli });
      return exitCodes.ok.code;
    }
    refuseHostCommand(argv);
    if (entry === undefined) {
      refuseWrongWord(argv[0]);
      const { parseProgram } = await import("./core/parse-program.ts");
      await cli.out.write(parseProgram(argv, [...commandTable, ...hostPrograms]));
      return exitCodes.ok.code;
    }
    const definition = await entry.load();
    ({ flags } = definition);
    const parsed = await parse(entry, definition, argv.slice(1));
    const helped = parsed.kind === "text" ? await parseWithoutHelp(entry, definition, argv.slice(1)) : parsed;
    if (helped !== null) {
      if (typeof helped.flags["url"] === "string") url = helped.flags["url"];
      if (typeof helped.flags["ca"] === "string") ca = helped.flags["ca"];
      if (typeof helped.flags["grpc"] === "string") grpc = helped.flags["grpc"];
      verbose = helped.flags["verbose"] === true;
    }
    if (parsed.kind === "text") {
      await cli.out.write((helped && (await ownHelp(definition, helped, cli))) ?? parsed.text);
      return exitCodes.ok.code;
    }
    return await definition.run(parsed, cli);
  } catch (error) {
    await printError(error, { err: cli.err, paint: cli.paintErr, flags, verbose, asked: cli.asked() });
    return exitCodeOfError(error);
  }
}

/** Says what does here what another program calls so. */
function refuseWrongWord(word: string | undefined): void {
  const meant = word === undefined ? null : meantBy(word);
  if (meant === null) return;
  throw new UsageError(
    `Cannot read the command line: there is no command "${word}"`,
    `Use \`berth ${meant}\``,
  );
}

type Read = Extract<Parsed, { kind: "run" }>;

/** The words that help was asked for; null where nobody knows more of them than the command's own help says. */
async function parseWithoutHelp(
  entry: CommandEntry,
  definition: AnyCommand,
  argv: readonly string[],
): Promise<Read | null> {
  if (definition.helpFor === undefined) return null;
  const words = argv.filter((word) => word !== "--help" && word !== "-h");
  const parsed = await parse(entry, definition, words).catch(() => null);
  return parsed?.kind === "run" ? parsed : null;
}

/** What the server cannot be asked for is not shown: who looks for help gets some. */
async function ownHelp(definition: AnyCommand, words: Read, cli: Cli): Promise<string | null> {
  try {
    return (await definition.helpFor?.(words, cli)) ?? null;
  } catch (error) {
    await cli.err.line(`berth: ${error instanceof Error ? printable(error.message) : "no more is known"}`);
    return null;
  }
}

async function parse(entry: CommandEntry, definition: AnyCommand, argv: readonly string[]): Promise<Parsed> {
  const { parseCommand } = await import("./core/parse-command.ts");
  return parseCommand(entry, definition, { argv });
}
