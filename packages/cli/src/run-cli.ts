import { commandTable } from "./commands/command-table.ts";
import { hostPrograms, refuseHostCommand } from "./commands/shell/host-commands.ts";
import { meantBy } from "./commands/shell/wrong-words.ts";
import { openCli } from "./core/cli.ts";
import { type Flags, type AnyCommand } from "./core/define-command.ts";
import { exitCodeOfError, exitCodes } from "./core/exit-codes.ts";
import { type CommandEntry, type Parsed } from "./core/parse-command.ts";
import { printError } from "./core/print-error.ts";
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
    if (parsed.kind === "text") {
      await cli.out.write(parsed.text);
      return exitCodes.ok.code;
    }
    if (typeof parsed.flags["url"] === "string") url = parsed.flags["url"];
    if (typeof parsed.flags["ca"] === "string") ca = parsed.flags["ca"];
    if (typeof parsed.flags["grpc"] === "string") grpc = parsed.flags["grpc"];
    verbose = parsed.flags["verbose"] === true;
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

async function parse(entry: CommandEntry, definition: AnyCommand, argv: readonly string[]): Promise<Parsed> {
  const { parseCommand } = await import("./core/parse-command.ts");
  return parseCommand(entry, definition, { argv });
}
