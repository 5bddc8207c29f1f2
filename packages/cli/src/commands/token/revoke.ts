import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { TokenAction } from "./token-action.ts";

export async function revokeToken({ word, flags, cli }: TokenAction): Promise<number> {
  if (word === undefined)
    throw new UsageError("Cannot revoke a token: there is no id", "`berth token list` shows them");
  const berth = await cli.connect();
  await berth.tokens.delete(word);
  if (flags.json) await cli.out.json({ deleted: [word] });
  else await cli.out.line(word);
  return exitCodes.ok.code;
}
