import { exitCodes } from "../../core/exit-codes.ts";
import type { SecretAction } from "./secret-action.ts";

export async function rotateKey({ flags, cli }: SecretAction): Promise<number> {
  const berth = await cli.connectAsUser();
  const rotated = await berth.secrets.rotateKey();
  if (flags.json) await cli.out.json(rotated);
  else await cli.out.line(`Master key ${rotated.key} seals all; ${rotated.rewrapped} sealed anew`);
  return exitCodes.ok.code;
}
