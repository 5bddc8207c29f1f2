import type { Token } from "@berth/sdk";
import { exitCodes } from "../../core/exit-codes.ts";
import { writeRule } from "../../core/text/rules.ts";
import type { TokenAction } from "./token-action.ts";

const PAGE = 200;

export async function listTokens({ word, flags, cli }: TokenAction): Promise<number> {
  const berth = await cli.connect();
  const tokens: Token[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await berth.tokens.list({ user: word, limit: PAGE, cursor });
    tokens.push(...items);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  if (flags.json) await cli.out.json(tokens);
  else if (tokens.length === 0) await cli.err.line("berth: no tokens");
  else {
    const { renderTable } = await import("../../core/text/table.ts");
    const columns = [
      { title: "ID" },
      { title: "USER", flexible: true },
      { title: "LABEL", flexible: true },
      { title: "MAY", flexible: true },
      { title: "UNTIL" },
      { title: "USED" },
      { title: "MADE BY", flexible: true },
    ];
    const rows = tokens.map(({ id, user, label, scope, expiresAt, usedAt, madeBy }) => [
      id,
      user,
      label ?? "",
      // A server of before knows no scopes.
      scope?.map(writeRule).join("; ") ?? "all",
      expiresAt ?? "no end",
      usedAt ?? "never",
      // A server of before does not say.
      madeBy ?? "",
    ]);
    await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
  }
  return exitCodes.ok.code;
}
