import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { CertificateAction } from "./certificate-action.ts";

/** Shuts a principal out of every door, whatever tokens and certificates it has or gets, or lets it in again. */
export async function lockPrincipal(
  { word, flags, cli }: CertificateAction,
  { locked }: { locked: boolean },
): Promise<number> {
  const verb = locked ? "lock" : "unlock";
  if (word === undefined) {
    throw new UsageError(
      `Cannot ${verb} a principal: there is no name`,
      `Name it: \`berth cert ${verb} NAME\``,
    );
  }
  const berth = await cli.connect();
  const answer = await berth.certificates.lock(word, { locked });
  if (flags.json) await cli.out.json(answer);
  else await cli.out.line(`"${answer.name}" is ${answer.locked ? "locked" : "unlocked"}`);
  return exitCodes.ok.code;
}
