import { exitCodeOfError, exitCodes } from "../../core/exit-codes.ts";
import { printError } from "../../core/print-error.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { NetworkAction } from "./network-action.ts";

/** One that cannot be deleted keeps no other. */
export async function deleteNetworks({ words, flags, cli }: NetworkAction): Promise<number> {
  if (words.length === 0) {
    throw new UsageError("Cannot delete a profile: there is no name", "`berth network list` shows them");
  }
  const berth = await cli.connectAsUser();
  const deleted: string[] = [];
  let code: number = exitCodes.ok.code;
  for (const name of words) {
    try {
      await berth.networks.delete(name);
      deleted.push(name);
      if (!flags.json) await cli.out.line(name);
    } catch (error) {
      await printError(error, { err: cli.err, paint: cli.paintErr, flags: {} });
      code = exitCodeOfError(error);
    }
  }
  if (flags.json) await cli.out.json({ deleted });
  return code;
}
