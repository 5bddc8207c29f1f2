import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BerthError } from "@berth/protocol";
import { loadConfig } from "../config/config.ts";
import { systemClock } from "../lib/clock.ts";
import { adoptAuthority } from "../pki/adopt.ts";
import type { Authority } from "../pki/authority.ts";
import { createCa, openCa } from "../pki/ca.ts";
import { createRoot } from "../pki/create-root.ts";
import { PrivateKeyPem } from "../pki/keys.ts";
import { rotateCa } from "../pki/rotate.ts";
import { openHostStore } from "./open-host-store.ts";
import { reportFault } from "./report-fault.ts";

export const caHelp = `Usage: berth ca init|rotate [--adopt CERT --key KEY [--chain FILE]]

Makes the authority that signs certificates for gRPC, in <data>/pki, on the server's host while the server is down.
A server without one makes its own at its first start.

  init            RSA 4096 root, ten years
  rotate          a new one; the old one is trusted for 30 more days
  --adopt CERT    an authority that a company has signed, in place of a root of Berth's own (PEM)
  --key KEY       its private key, PEM without a passphrase
  --chain FILE    the authorities above it, up to the root (PEM)
  --force         rotate also while the one before is still trusted: all of
                  them are, and the chain that the server shows grows by one

Examples:
  berth ca init
  berth ca init --adopt berth-ca.crt --key berth-ca.key --chain company.crt`;

/** `berth ca init` and `berth ca rotate`. Throws BerthError. */
export async function runCa(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parse(argv);
  const [action] = positionals;
  if (values.help || (action !== "init" && action !== "rotate")) {
    if (!values.help) throw usage(`it has no action "${action ?? ""}"`);
    console.log(caHelp);
    return;
  }
  if (values.force && action === "init") throw usage("--force goes with rotate");
  const config = loadConfig();
  await using store = await openHostStore(config);
  const { authorities } = store;
  const folder = join(config.dataDir, "pki");
  const options = { folder, clock: systemClock, authorities, report: reportFault };
  const authority = await newAuthority(values);
  if (action === "init") {
    await using _made = await createCa(options, authority);
  } else {
    await using ca = await openCa(options);
    await rotateCa(ca, authority, { now: systemClock.now(), force: values.force });
  }
  console.log(`The authority is in ${options.folder}; clients need ${join(options.folder, "ca.crt")}`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        adopt: { type: "string" },
        key: { type: "string" },
        chain: { type: "string" },
        force: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

async function newAuthority({
  adopt,
  key,
  chain,
}: {
  adopt?: string;
  key?: string;
  chain?: string;
}): Promise<Authority> {
  const now = systemClock.now();
  if (adopt === undefined) {
    if (key !== undefined || chain !== undefined) throw usage("--key and --chain go with --adopt");
    return createRoot({ now });
  }
  if (key === undefined) throw usage("--adopt needs --key");
  const files = {
    certificate: await read(adopt),
    key: new PrivateKeyPem(await read(key)),
    chain: chain === undefined ? "" : await read(chain),
  };
  return adoptAuthority(files, { now });
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? "it failed";
    throw new BerthError("SETTINGS_INVALID", `Cannot read "${path}": ${why}`, { cause: error });
  }
}

function usage(why: string): BerthError {
  return new BerthError("SETTINGS_INVALID", `Cannot read the command line: ${why}; see \`berth ca --help\``);
}
