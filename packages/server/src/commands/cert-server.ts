import { X509Certificate } from "node:crypto";
import { loadConfig } from "../config/config.ts";
import { systemClock } from "../lib/clock.ts";
import { openPki } from "../pki/open-pki.ts";
import { lockDataDir } from "../store/data-dir-lock.ts";
import { join } from "node:path";
import { reportFault } from "./report-fault.ts";

/**
 * `berth cert server`: makes the server's own certificate when there is none that fits the settings, and shows it. A
 * running server takes care of that itself. Throws BerthError.
 */
export async function runCertServer(): Promise<void> {
  const { dataDir, grpc } = loadConfig();
  await using _lock = await lockDataDir(dataDir);
  const { certs, names, key } = grpc;
  const folder = join(dataDir, "pki");
  await using pki = await openPki({ folder, certs, names, key, clock: systemClock, report: reportFault });
  const shown = new X509Certificate(pki.credentials.current.chain);
  console.log(
    [
      `names   ${shown.subjectAltName ?? ""}`,
      `until   ${shown.validToDate.toISOString()}`,
      `serial  ${shown.serialNumber.toLowerCase()}`,
      `in      ${certs ?? join(folder, "server.pem")}`,
    ].join("\n"),
  );
}
