import type { CommandEntry } from "../../core/parse-command.ts";
import { UsageError } from "../../core/usage-error.ts";

/** What is done on the server's own host, by a program of its own: bin/berth of an installation starts that one. */
export const hostCommands: readonly CommandEntry[] = [
  { name: "server", about: "Start the server (settings: `berth server --help`)" },
  { name: "ca", about: "Make or rotate the authority, on the server's host" },
  { name: "store", about: "Copy the database to another, on the server's host" },
  { name: "cert server", about: "Show the server's own certificate, on the server's host" },
];

/** Those that have a line of their own in the help of `berth`; `cert server` stands in the help of `cert`. */
export const hostPrograms: readonly CommandEntry[] = hostCommands.filter(({ name }) => !name.includes(" "));

/** The client cannot do what belongs to the server's host: it says so, where bin/berth did not lead elsewhere. */
export function refuseHostCommand(argv: readonly string[]): void {
  const asked = hostCommands.find(({ name }) => name === argv[0] || name === argv.slice(0, 2).join(" "));
  if (asked === undefined) return;
  throw new UsageError(
    `Cannot run \`berth ${asked.name}\`: this program is the client alone`,
    `Run bin/berth ${asked.name} of the installation, on the server's host`,
  );
}
