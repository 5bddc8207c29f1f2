import { parseArgs } from "node:util";
import { BerthError } from "@berth/protocol";
import { loadConfig } from "../config/config.ts";
import { databaseAddress } from "../config/parsers.ts";
import type { DatabaseAddress } from "../core/database-address.ts";
import { copyRows } from "../store/copy/copy-rows.ts";
import { openSide } from "../store/copy/open-side.ts";
import { lockDataDir } from "../store/data-dir-lock.ts";

export const storeHelp = `Usage: berth store copy FROM TO

Copies all jobs, their events, inputs and keys, the tokens, and which certificates were issued and revoked and who is
locked, from one database to another, on the server's host while the server is down. FROM and TO are written as in BERTH_DATABASE: \`sqlite:\` is the file in the data folder
(BERTH_DATA_DIR). TO must be empty. Each row is read again on both sides and compared; TO gets everything or nothing.
Output and artifacts stay where they are, in the data folder.

PostgreSQL's password may stand in ~/.pgpass or PGPASSWORD, where no list of processes shows it.

Examples:
  berth store copy sqlite: postgres://berth@db.example/berth
  berth store copy postgres://berth@db.example/berth sqlite:`;

/** `berth store copy`. Throws BerthError. */
export async function runStore(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parse(argv);
  const [action, from, to, ...more] = positionals;
  if (values.help) return console.log(storeHelp);
  if (action !== "copy") throw usage(`it has no action "${action ?? ""}"`);
  if (from === undefined || to === undefined || more.length > 0) throw usage("copy takes FROM and TO");
  const ends = { from: addressOf(from), to: addressOf(to) };
  if (ends.from.kind === "sqlite" && ends.to.kind === "sqlite") throw usage("FROM and TO are the same");
  const { dataDir } = loadConfig();
  await using _lock = await lockDataDir(dataDir);
  await using source = await openSide(ends.from, dataDir);
  await using target = await openSide(ends.to, dataDir);
  const copied = await copyRows(source, target);
  for (const { table, rows } of copied)
    console.log(`${table.padEnd(12)} ${rows} rows, the same on both sides`);
  console.log(`Copied "${source.name}" to "${target.name}"`);
}

function parse(argv: readonly string[]) {
  try {
    const options = { help: { type: "boolean", short: "h", default: false } } as const;
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function addressOf(text: string): DatabaseAddress {
  const address = databaseAddress.parse(text);
  // Not the text: it may hold a password.
  if (address === null) throw usage(`FROM and TO must be ${databaseAddress.wanted}`);
  return address;
}

function usage(why: string): BerthError {
  return new BerthError(
    "SETTINGS_INVALID",
    `Cannot read the command line: ${why}; see \`berth store --help\``,
  );
}
