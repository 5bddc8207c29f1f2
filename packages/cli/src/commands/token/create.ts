import { exitCodes } from "../../core/exit-codes.ts";
import { readRule } from "../../core/text/rules.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { TokenAction } from "./token-action.ts";

/** Prints the token alone, so that it can be kept by `>` in a file. */
export async function createToken({ word, flags, cli }: TokenAction): Promise<number> {
  if (word === undefined)
    throw new UsageError(
      "Cannot make a token: there is no name",
      "Name the principal: `berth token create NAME`",
    );
  const berth = await cli.connect();
  const scope = flags.scope.length === 0 ? undefined : flags.scope.map(readRule);
  const made = await berth.tokens.create({ user: word, ttl: flags.ttl, label: flags.label, scope });
  if (flags.json) await cli.out.json(made);
  else await cli.out.line(made.token);
  await cli.err.line(`berth: the token ${made.id} of "${made.user}" is not shown again`);
  return exitCodes.ok.code;
}
