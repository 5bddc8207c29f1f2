import type { Session } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import { defineCommand, type FlagValues, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";

interface SessionAction {
  word: string | undefined;
  flags: FlagValues<typeof jsonFlag>;
  cli: Cli;
}

const PAGE = 200;

const actions: Readonly<Record<string, (action: SessionAction) => Promise<number>>> = {
  list: listSessions,
  revoke: revokeSession,
};

export const session = defineCommand({
  arguments: [
    { name: "ACTION", about: "list [NAME], revoke ID", choices: Object.keys(actions) },
    { name: "WORD", about: "A user's name, or a session's id", optional: true },
  ],
  flags: { ...jsonFlag },
  details: [
    "A session is a login that has not ended. It ends by `berth logout`, when nobody",
    "uses it for half a day, after a week, and here; what is open by it ends too.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth session list", about: "where you are logged in" },
    { line: "berth session revoke ID", about: "not there any more" },
  ],
  async run({ args: [name = "", word], flags }, cli) {
    const act = actions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with sessions`, "See `berth session --help`");
    return act({ word, flags, cli });
  },
});

async function listSessions({ word, flags, cli }: SessionAction): Promise<number> {
  const berth = await cli.connect();
  const sessions: Session[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await berth.sessions.list({ user: word, limit: PAGE, cursor });
    sessions.push(...items);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  if (flags.json) await cli.out.json(sessions);
  else if (sessions.length === 0) await cli.err.line("berth: no sessions");
  else {
    const { renderTable } = await import("../../core/text/table.ts");
    const columns = [
      { title: "ID" },
      { title: "USER", flexible: true },
      { title: "FROM" },
      { title: "WITH", flexible: true },
      { title: "USED" },
    ];
    const rows = sessions.map(({ id, user, address, agent, usedAt, current }) => [
      id,
      user,
      address ?? "",
      `${agent ?? ""}${current ? " (this one)" : ""}`,
      usedAt,
    ]);
    await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
  }
  return exitCodes.ok.code;
}

async function revokeSession({ word, flags, cli }: SessionAction): Promise<number> {
  if (word === undefined)
    throw new UsageError("Cannot end a session: there is no id", "`berth session list` shows them");
  const berth = await cli.connect();
  await berth.sessions.delete(word);
  if (flags.json) await cli.out.json({ deleted: [word] });
  else await cli.out.line(word);
  return exitCodes.ok.code;
}
