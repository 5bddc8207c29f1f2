import { exitCodes } from "../../core/exit-codes.ts";
import { credentialsFolder, readCredentials } from "../../core/settings/credentials.ts";
import { saveFiles } from "../../core/settings/save-files.ts";
import type { CertificateAction } from "./certificate-action.ts";

/** Has the certificate in the folder signed once more, with the key that it has. */
export async function renewCertificate({ flags, cli }: CertificateAction): Promise<number> {
  const { env } = cli.surroundings;
  const folder = flags.out ?? credentialsFolder(env).path;
  const { certificate } = readCredentials({ ...env, BERTH_CLIENT_CRED_LOCATION: folder });
  const berth = await cli.connect();
  const issued = await berth.certificates.renew({ certificate: certificate.toString(), ttl: flags.ttl });
  await saveFiles(folder, { "ca.crt": issued.ca, "client.crt": issued.certificate });
  if (flags.json) await cli.out.json(issued);
  else {
    await cli.out.line(issued.serial);
    await cli.err.line(`berth: "${issued.name}" until ${issued.notAfter}, in ${folder}`);
  }
  return exitCodes.ok.code;
}
