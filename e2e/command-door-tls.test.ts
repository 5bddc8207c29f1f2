import { execFile } from "node:child_process";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandDoor, openCommandDoor } from "../packages/server/test/support/command-door.ts";
import { subject as local } from "../packages/server/test/support/local-subject.ts";
import { openssl } from "../packages/server/test/support/openssl.ts";
import {
  type StockClient,
  stockClient,
  stockClientIsMissing,
} from "../packages/server/test/support/stock-client.ts";

const run = promisify(execFile);
const script = resolve(import.meta.dirname, "../scripts/generate-certs.sh");

const localMissing = await local.missing();
const stockMissing = stockClientIsMissing();
if (localMissing !== null)
  console.log(`SKIPPED: 16 tests of refusals by the command door, because ${localMissing}`);
else if (stockMissing !== null)
  console.log(`SKIPPED: 8 tests of refusals of Python by the command door, because ${stockMissing}`);

let door: CommandDoor;
/** Pairs that must not come in, each with a `ca.crt` that knows the server. */
let bad: string;

async function open(): Promise<void> {
  door = await openCommandDoor();
  bad = join(door.bench.root, "bad");
  await mkdir(bad);
  await copyFile(join(door.certs, "ca.crt"), join(bad, "ca.crt"));
  await run(script, [join(bad, "elsewhere")]);
  for (const end of ["crt", "key"]) {
    await copyFile(join(bad, `elsewhere/client1.${end}`), join(bad, `stranger.${end}`));
    await copyFile(join(door.certs, `server.${end}`), join(bad, `server.${end}`));
    await copyFile(join(door.certs, `client1.${end}`), join(bad, `client1.${end}`));
  }
  await makeExpired();
}

/** Signed by the authority of the server, for a client, until yesterday. */
async function makeExpired(): Promise<void> {
  const [ca, caKey] = [join(door.certs, "ca.crt"), join(door.certs, "ca.key")];
  await writeFile(join(bad, "usage"), "extendedKeyUsage = clientAuth\n");
  const request = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=client1"];
  const signing = ["x509", "-req", "-CA", ca, "-CAkey", caKey, "-days", "-1", "-extfile", "usage"];
  for (const args of [
    [...request, "-keyout", "expired.key", "-out", "expired.csr"],
    [...signing, "-in", "expired.csr", "-out", "expired.crt"],
  ]) {
    const { ok, text } = await openssl(args, bad);
    if (!ok) throw new Error(text);
  }
}

const pair = (name: string): string[] => (name === "" ? [] : ["-cert", `${name}.crt`, "-key", `${name}.key`]);

/** What `openssl s_client` says to the server. With `-ign_eof` it waits, as a gRPC client does, for the server's word. */
async function dial(name: string, ...args: string[]): Promise<string> {
  const where = ["-connect", `localhost:${door.port}`, "-CAfile", "ca.crt", "-alpn", "h2"];
  return (await openssl(["s_client", ...where, ...pair(name), ...args], bad)).text;
}

/** The client of the original design, which may offer only so much. */
async function python(...commands: string[]): Promise<StockClient> {
  const path = join(bad, "openssl.cnf");
  const sections = [
    "openssl_conf = all",
    "[all]",
    "ssl_conf = ssl",
    "[ssl]",
    "system_default = offer",
    "[offer]",
  ];
  await writeFile(path, [...sections, ...commands, ""].join("\n"));
  const target = (): string => `localhost:${door.port}`;
  return stockClient({ folder: door.bench.root, certs: bad, target, env: { OPENSSL_CONF: path } });
}

interface Refusal {
  what: string;
  /** Whose files it shows; none where it has none. */
  name: string;
  /** How `openssl s_client` is told to, and how Python's library is. */
  args?: string;
  conf?: string;
  /** What the client hears. */
  hears: RegExp;
}

const protocolVersion = /alert protocol version/;
const handshakeFailure = /alert handshake failure/;
const certificateRequired = /alert certificate required|endpoint read failed/i;
// Node closes without an alert that would say why.
const closed = /unexpected eof|reset by peer|broken pipe|socket closed|:errno=104|:errno=32/i;
const refusals: Refusal[] = [
  { what: "TLS 1.2", name: "client1", args: "-tls1_2", conf: "Protocol = -TLSv1.3", hears: protocolVersion },
  ...["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"].map((suite) => ({
    what: `${suite} alone`,
    name: "client1",
    args: `-ciphersuites=${suite}`,
    conf: `Ciphersuites = ${suite}`,
    hears: handshakeFailure,
  })),
  { what: "no certificate", name: "", hears: certificateRequired },
  { what: "a certificate of another authority", name: "stranger", hears: closed },
  { what: "an expired certificate", name: "expired", hears: closed },
  { what: "a server's certificate", name: "server", hears: closed },
];

describe.skipIf(localMissing !== null)("the command door", () => {
  beforeAll(open);
  afterAll(() => door[Symbol.asyncDispose]());

  it("C10, C11: lets in TLS 1.3 with TLS_AES_128_GCM_SHA256 and a client's certificate", async () => {
    const text = await dial("client1");
    expect(text).toContain("New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256");
    expect(text).toContain("ALPN protocol: h2");
  });

  it.each(refusals)("C10, C11: refuses `openssl s_client` with $what", async ({ name, args = "", hears }) => {
    const [option = "", value = ""] = args.split("=");
    expect(await dial(name, "-ign_eof", ...[option, value].filter((word) => word !== ""))).toMatch(hears);
  });

  it.skipIf(stockMissing !== null)("lets Python in that may offer everything", async () => {
    expect(await (await python()).call("client1", "list")).toMatchObject({ code: 0, lines: [] });
  });

  it.skipIf(stockMissing !== null).each(refusals)("C10, C11: refuses Python with $what", async (row) => {
    const client = await python(...(row.conf === undefined ? [] : [row.conf]));
    const { code, lines } = await client.call(row.name, "list");
    expect({ code, lines }).toMatchObject({ code: 1, lines: [{ error: "UNAVAILABLE" }] });
    expect(lines[0]?.["details"]).toMatch(row.hears);
  });
});
