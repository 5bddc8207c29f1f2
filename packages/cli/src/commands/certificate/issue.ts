import { readFile } from "node:fs/promises";
import { exitCodes } from "../../core/exit-codes.ts";
import { saveFiles } from "../../core/settings/save-files.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { CertificateAction } from "./certificate-action.ts";
import { refuseOtherKey } from "./refuse-other-key.ts";
import { refuseOtherName } from "./refuse-other-name.ts";

const OTHER_FOLDER = "Name another folder with --out, or take that key away";

/** Files for another machine or person: the key is made here unless there is a request already. */
export async function issueCertificate({ word, flags, cli }: CertificateAction): Promise<number> {
  if (word === undefined) {
    throw new UsageError(
      "Cannot issue a certificate: there is no name",
      "Name the principal: `berth cert issue NAME`",
    );
  }
  const folder = flags.out ?? word;
  const berth = await cli.connect();
  const { makeRequest } = await import("./make-request.ts");
  const { csr, key } =
    flags.csr === undefined
      ? await makeRequest({ ec: flags.ec })
      : { csr: await readRequest(flags.csr), key: null };
  // Before anything is issued: what was must be written somewhere.
  if (key === null) await refuseOtherKey(folder, csr);
  else await refuseOtherName(folder, { name: word, fix: OTHER_FOLDER });
  const issued = await berth.certificates.issue({ csr, name: word, ttl: flags.ttl });
  await saveFiles(folder, {
    "ca.crt": issued.ca,
    ...(key !== null && { "client.key": key }),
    "client.crt": issued.certificate,
  });
  if (flags.json) await cli.out.json(issued);
  else {
    await cli.out.line(issued.serial);
    await cli.err.line(`berth: "${issued.name}" until ${issued.notAfter}, in ${folder}`);
  }
  return exitCodes.ok.code;
}

async function readRequest(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(
      `Cannot read --csr "${path}": ${(error as NodeJS.ErrnoException).code ?? "it failed"}`,
      "Name a PKCS#10 request in PEM",
    );
  }
}
