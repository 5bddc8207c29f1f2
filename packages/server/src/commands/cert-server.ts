import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BerthError } from "@berth/protocol";
import { loadConfig } from "../config/config.ts";
import { systemClock } from "../lib/clock.ts";
import { openPki } from "../pki/open-pki.ts";
import { openHostStore } from "./open-host-store.ts";
import { reportFault } from "./report-fault.ts";

export const certServerHelp = `Usage: berth cert server

Shows the certificate that the server itself shows over gRPC: its names, its end, its serial number and where it lies.
Runs on the server's host while the server is down. Where no certificate fits the settings it makes one, and before it
the authority, as the server would at its next start.

Examples:
  berth cert server
  BERTH_GRPC_NAMES=berth.example.org berth cert server`;

/**
 * `berth cert server`: makes the server's own certificate when there is none that fits the settings, and shows it. A
 * running server takes care of that itself. Throws BerthError.
 */
export async function runCertServer(argv: readonly string[]): Promise<void> {
  if (asksForHelp(argv)) return console.log(certServerHelp);
  const config = loadConfig();
  await using store = await openHostStore(config);
  const { certs, names, key } = config.grpc;
  const folder = join(config.dataDir, "pki");
  const shared = { clock: systemClock, report: reportFault };
  await using pki = await openPki({ folder, store, certs, names, key, ...shared });
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

function asksForHelp(argv: readonly string[]): boolean {
  try {
    const options = { help: { type: "boolean", short: "h", default: false } } as const;
    return parseArgs({ args: [...argv], options }).values.help;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BerthError(
      "SETTINGS_INVALID",
      `Cannot read the command line: ${why}; see \`berth cert server --help\``,
    );
  }
}
