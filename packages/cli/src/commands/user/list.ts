import type { User } from "@berth/sdk";
import { exitCodes } from "../../core/exit-codes.ts";
import type { UserAction } from "./user-action.ts";

const PAGE = 200;

export async function listUsers({ flags, cli }: UserAction): Promise<number> {
  const berth = await cli.connect();
  const users: User[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await berth.users.list({ limit: PAGE, cursor });
    users.push(...items);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  if (flags.json) await cli.out.json(users);
  else if (users.length === 0) await cli.err.line("berth: no users");
  else {
    const { renderTable } = await import("../../core/text/table.ts");
    const columns = [
      { title: "NAME", flexible: true },
      { title: "DISPLAY", flexible: true },
      { title: "STATE" },
      { title: "SINCE" },
    ];
    const rows = users.map((user) => [user.name, user.display ?? "", stateOf(user), user.createdAt]);
    await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
  }
  return exitCodes.ok.code;
}

/** In one word. */
export function stateOf({ deletedAt, locked, mustChangePassword }: User): string {
  if (deletedAt !== null) return "deleted";
  if (locked) return "locked";
  return mustChangePassword ? "new" : "active";
}
