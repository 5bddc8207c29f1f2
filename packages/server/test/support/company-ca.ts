import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AdoptedFiles } from "../../src/pki/adopt.ts";
import { PrivateKeyPem } from "../../src/pki/keys.ts";
import { openssl } from "./openssl.ts";

export interface CompanyCertificate {
  /** Who signs; null: it signs itself. */
  by: string | null;
  extensions: readonly string[];
  days?: string;
}

const signs = "keyUsage=critical,keyCertSign,cRLSign";
const rootExtensions = ["basicConstraints=critical,CA:TRUE", signs];
/** Of an authority that stands above ours. */
export const policyExtensions = ["basicConstraints=critical,CA:TRUE,pathlen:1", signs];

/** An authority as a company would sign it for us. */
export const goodAuthority = {
  by: "policy",
  extensions: ["basicConstraints=critical,CA:TRUE,pathlen:0", signs],
} satisfies CompanyCertificate;

/** A company's own authorities, made with OpenSSL in files: `root`, and `policy` below it. */
export class CompanyCa {
  readonly folder: string;

  static async open(folder: string): Promise<CompanyCa> {
    const company = new CompanyCa(folder);
    await company.certify("root", { by: null, extensions: rootExtensions });
    await company.certify("policy", { by: "root", extensions: policyExtensions });
    return company;
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes `<name>.crt` and `<name>.key`. */
  async certify(name: string, { by, extensions, days = "3650" }: CompanyCertificate): Promise<void> {
    const issuer = by === null ? [] : ["-CA", `${by}.crt`, "-CAkey", `${by}.key`];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const names = ["-subj", `/O=Company/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.crt`];
    const added = extensions.flatMap((one) => ["-addext", one]);
    const args = ["req", "-x509", "-days", days, ...key, ...names, ...issuer, ...added];
    const made = await openssl(args, this.folder);
    if (!made.ok) throw new Error(made.text);
  }

  text(name: string): Promise<string> {
    return readFile(join(this.folder, name), "utf8");
  }

  /** What is adopted: the authority `name`, with a key and the chain above it. */
  async files(name: string, { key = name, chain = ["policy", "root"] } = {}): Promise<AdoptedFiles> {
    const above = await Promise.all(chain.map((one) => this.text(`${one}.crt`)));
    return {
      certificate: await this.text(`${name}.crt`),
      key: new PrivateKeyPem(await this.text(`${key}.key`)),
      chain: above.join(""),
    };
  }
}
