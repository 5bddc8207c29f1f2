import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { exitCodes } from "./exit-codes.ts";
import { capture, type CommandEntry, quiet, translate } from "./parse-command.ts";

const ENVIRONMENT = [
  ["BERTH_URL", "server to talk to; default http://127.0.0.1:7400"],
  ["BERTH_TOKEN", "token to show it"],
  ["BERTH_GRPC", "HOST:PORT to talk gRPC to instead"],
  ["BERTH_CLIENT_CRED_LOCATION", "folder of ca.crt, client.crt and client.key"],
  ["BERTH_DATA_DIR", "where the server on this host keeps its admin-token"],
  ["NO_COLOR", "set it for output without colours"],
] as const;

/** What `berth` without a known command says: the help, the version, or what is wrong. */
export function parseProgram(argv: readonly string[], entries: readonly CommandEntry[]): string {
  const program = quiet(new Command("berth"))
    .description("Run other people's code, remotely and in isolation.")
    .usage("COMMAND [flags]")
    .version(version(), "-V, --version", "Show the version")
    .addHelpText("after", helpEnd());
  for (const { name, about } of entries) {
    program.command(name).description(about).usage(" ");
  }
  const text = capture(program);
  try {
    program.parse(argv.length === 0 || argv[0] === "help" ? ["--help"] : argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return text();
    throw translate(error, "berth");
  }
  return text();
}

function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function helpEnd(): string {
  const rows = (pairs: readonly (readonly [string, string])[]): string[] => {
    const width = Math.max(11, ...pairs.map(([name]) => name.length));
    return pairs.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`);
  };
  return [
    "",
    "Environment:",
    ...rows(ENVIRONMENT),
    "",
    "Without these: `url`, `token` and `grpc` of ~/.config/berth/config.json (not for",
    "others to read), else gRPC to localhost:7401 with the certificate in ~/.berth/creds",
    "(or ~/.cu-thor/creds) where there is one, else http://127.0.0.1:7400 with the token",
    "in /var/lib/berth/admin-token, where this user may read it. A token is only sent to",
    "the server it was kept for.",
    "",
    "Exit codes:",
    ...rows(
      Object.values(exitCodes).map(({ code, about }) => [String(code), about.replaceAll("`", "")] as const),
    ),
    "  128+n        Ended by signal n; run: so was the job",
    "",
    "Examples:",
    "  berth run -- python3 -c 'print(6 * 7)'",
    "  berth list --state running",
  ].join("\n");
}
