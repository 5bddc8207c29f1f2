import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { CertificateAction } from "./certificate-action.ts";

export async function revokeCertificate({ word, flags, cli }: CertificateAction): Promise<number> {
  if (word === undefined) {
    throw new UsageError(
      "Cannot revoke a certificate: there is no serial number",
      "`berth cert list` shows them",
    );
  }
  const berth = await cli.connect();
  const revoked = await berth.certificates.revoke(word.toLowerCase());
  if (flags.json) await cli.out.json(revoked);
  else await cli.out.line(`${revoked.serial} of "${revoked.name}" is revoked`);
  return exitCodes.ok.code;
}
