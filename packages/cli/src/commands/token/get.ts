import { exitCodes } from "../../core/exit-codes.ts";
import { writeRule } from "../../core/text/rules.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { TokenAction } from "./token-action.ts";

export async function getToken({ word, flags, cli }: TokenAction): Promise<number> {
  if (word === undefined)
    throw new UsageError("Cannot show a token: there is no id", "`berth token list` shows them");
  const berth = await cli.connect();
  const found = await berth.tokens.get(word);
  if (flags.json) await cli.out.json(found);
  else {
    const { renderTable } = await import("../../core/text/table.ts");
    const rows = [
      ["id", found.id],
      ["user", found.user],
      ["label", found.label ?? ""],
      ["made", found.createdAt],
      ["by", found.madeBy ?? ""],
      ["until", found.expiresAt ?? "no end"],
      ["used", found.usedAt ?? "never"],
      ...(found.scope ?? []).map((rule) => ["may", writeRule(rule)]),
      ...(found.scope === null ? [["may", `all that "${found.user}" may do`]] : []),
    ];
    await cli.out.line(
      renderTable([{ title: "TOKEN" }, { title: "", flexible: true }], rows, { columns: cli.out.columns }),
    );
  }
  return exitCodes.ok.code;
}
