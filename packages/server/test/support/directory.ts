import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { issueServer } from "../../src/pki/issue.ts";
import { openPkiBench, type PkiBench } from "./pki-bench.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";
import { until } from "./until.ts";

const SLAPD = "/usr/sbin/slapd";

/** Why there is no directory on this host; null where there can be one. */
export function slapdIsMissing(): string | null {
  try {
    accessSync(SLAPD);
    return null;
  } catch {
    return "there is no slapd: scripts/install-host test installs it";
  }
}

/** Debian's slapd with people, groups in groups that lead in a circle, and a way to another server that is not there. */
export class Directory implements AsyncDisposable {
  readonly ldap: string;
  readonly ldaps: string;
  /** Who signed its certificate, PEM. */
  readonly ca: string;
  readonly #child: ChildProcess;
  readonly #folder: TempFolder;
  readonly #bench: PkiBench;

  private constructor(
    child: ChildProcess,
    { ports, folder, bench }: { ports: [number, number]; folder: TempFolder; bench: PkiBench },
  ) {
    this.#child = child;
    this.#folder = folder;
    this.#bench = bench;
    this.ldap = `ldap://localhost:${ports[0]}`;
    this.ldaps = `ldaps://localhost:${ports[1]}`;
    this.ca = bench.ca.roots;
  }

  static async start(): Promise<Directory> {
    const folder = tempFolder();
    const bench = await openPkiBench();
    const pair = await issueServer(bench, { key: "ec-p256" });
    const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text);
    write("ca.crt", bench.ca.roots);
    write("server.crt", pair.chainPem);
    write("server.key", pair.key.reveal());
    write("slapd.conf", confOf(folder.path));
    write("people.ldif", people);
    mkdirSync(join(folder.path, "db"));
    const conf = join(folder.path, "slapd.conf");
    execFileSync(SLAPD, ["-Tadd", "-f", conf, "-l", join(folder.path, "people.ldif")], { stdio: "pipe" });
    const ports: [number, number] = [await freePort(), await freePort()];
    const urls = `ldap://127.0.0.1:${ports[0]} ldaps://127.0.0.1:${ports[1]}`;
    // In front (-d): it ends with the test.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", SLAPD, "-d", "0", "-f", conf, "-h", urls], {
      stdio: "ignore",
    });
    await until(() => listens(ports[1]), { what: "slapd" });
    return new Directory(child, { ports, folder, bench });
  }

  /** Ends it; others begin in its place at other ports. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGTERM");
    await once(this.#child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#bench[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function confOf(folder: string): string {
  return `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile ${folder}/pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile ${folder}/ca.crt
TLSCertificateFile ${folder}/server.crt
TLSCertificateKeyFile ${folder}/server.key
allow bind_anon_cred
database mdb
suffix "dc=example"
rootdn "cn=root,dc=example"
rootpw root-secret
directory ${folder}/db
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="ou=people,dc=example" by dn.exact="cn=reader,dc=example" read by * none
access to * by dn.exact="cn=reader,dc=example" read by anonymous auth by * none
`;
}

const person = (name: string, more = ""): string => `dn: uid=${name},ou=people,dc=example
objectClass: inetOrgPerson
uid: ${name}
cn: ${name} of Example
sn: ${name}
userPassword: ${name}-secret
${more}
`;

const group = (name: string, ...members: string[]): string => `dn: cn=${name},ou=groups,dc=example
objectClass: groupOfNames
cn: ${name}
${members.map((member) => `member: ${member}`).join("\n")}

`;

const unit = (name: string): string => `dn: ou=${name},dc=example
objectClass: organizationalUnit
ou: ${name}

`;

const who = (name: string): string => `uid=${name},ou=people,dc=example`;
const groupOf = (name: string): string => `cn=${name},ou=groups,dc=example`;

const people = `dn: dc=example
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: cn=reader,dc=example
objectClass: person
cn: reader
sn: reader
userPassword: reader-secret

${unit("people")}${unit("groups")}${unit("more")}${person("ann", "mail: ann@example.com\n")}${person("bob")}${person("Zoë")}${person("twin", "mail: twin@example.com\n")}${person("eve", "mail: twin@example.com\n")}dn: uid=nopass,ou=people,dc=example
objectClass: inetOrgPerson
uid: nopass
cn: nopass
sn: nopass

dn: ou=away,ou=people,dc=example
objectClass: referral
objectClass: extensibleObject
ou: away
ref: ldap://127.0.0.1:1/ou=away,dc=example

${group("lab", who("ann"), groupOf("ring-c"))}${group("ring-a", groupOf("lab"))}${group("ring-b", groupOf("ring-a"))}${group("ring-c", groupOf("ring-b"))}${group("others", who("bob"))}`;
