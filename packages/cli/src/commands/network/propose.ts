import { exitCodes } from "../../core/exit-codes.ts";
import { printable } from "../../core/text/printable.ts";
import { UsageError } from "../../core/usage-error.ts";
import { idOf } from "../job/job-reference.ts";
import type { NetworkAction } from "./network-action.ts";
import { showNetwork } from "./show-network.ts";

/** Prints the spec as JSON, which `--spec` and berth.yaml take as it is; what is worth a look goes to stderr. */
export async function proposeNetwork({ words, flags, cli }: NetworkAction): Promise<number> {
  if (words.length === 0) {
    throw new UsageError("Cannot propose a profile: there is no job", "Name jobs that ran with --observe");
  }
  const berth = await cli.connectAsUser();
  const ids: string[] = [];
  for (const word of words) ids.push(await idOf(word, berth.jobs));
  const proposed = await berth.networks.propose(ids);
  for (const note of flags.json ? [] : proposed.notes) await cli.err.line(`berth: ${printable(note)}`);
  if (flags.create !== undefined)
    await showNetwork(await berth.networks.create(flags.create, proposed.spec), { flags, cli });
  else if (flags.json) await cli.out.json(proposed);
  else await cli.out.json(proposed.spec);
  return exitCodes.ok.code;
}
