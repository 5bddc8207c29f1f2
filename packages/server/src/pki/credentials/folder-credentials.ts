import { createHash, X509Certificate } from "node:crypto";
import { type FSWatcher, watch } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { BerthError } from "@berth/protocol";
import type { Clock } from "../../lib/clock.ts";
import { parsePrivateKey, PrivateKeyPem } from "../keys.ts";
import { readAuthoritiesPem } from "./client-authorities.ts";
import {
  CurrentCredentials,
  type ServerCredentials,
  type ServerCredentialsSource,
} from "./server-credentials.ts";

export interface FolderCredentialsOptions {
  /** Holds `server.crt`, `server.key`, and `ca.crt` where clients are asked for certificates. */
  folder: string;
  /** Default true. */
  asksClients?: boolean;
  clock: Clock;
  /** Told once when changed files cannot be used; the ones before stay in use. */
  report: (what: string, error: unknown) => void;
}

/** After a change the files are read when nothing has changed for this long: several are written one after another. */
const settleMs = 200;
/** Not every file system tells of changes; this often they are looked at without being told. */
const lookEveryMs = 60_000;
/** And where the system gives no watcher. */
const lookUnwatchedEveryMs = 1000;
const largestFile = 1024 * 1024;

/**
 * Key and certificates that somebody else takes care of: taken up again whenever the files change. Throws BerthError
 * SETTINGS_INVALID when the folder does not hold what it should.
 */
export async function openFolderCredentials(
  options: FolderCredentialsOptions,
): Promise<ServerCredentialsSource> {
  return new FolderCredentials(options, await read(options));
}

interface Reading {
  credentials: ServerCredentials;
  /** Tells contents apart without keeping them. */
  digest: string;
}

class FolderCredentials implements ServerCredentialsSource {
  readonly #options: FolderCredentialsOptions;
  readonly #current: CurrentCredentials;
  readonly #watcher: FSWatcher | null;
  #seen: string;
  #reported: string | null = null;
  #reading: Promise<void> = Promise.resolve();
  #closed = false;
  #cancelTimer = (): void => {};

  constructor(options: FolderCredentialsOptions, first: Reading) {
    this.#options = options;
    this.#current = new CurrentCredentials(first.credentials);
    this.#seen = first.digest;
    this.#watcher = this.#watch();
    this.#lookIn(this.#everyMs);
  }

  get #everyMs(): number {
    return this.#watcher ? lookEveryMs : lookUnwatchedEveryMs;
  }

  get current(): ServerCredentials {
    return this.#current.value;
  }

  onChange(listener: () => void): () => void {
    return this.#current.onChange(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#watcher?.close();
    this.#cancelTimer();
    await this.#reading;
  }

  /** Without a watcher, which the system may refuse, the regular look remains. */
  #watch(): FSWatcher | null {
    try {
      const watcher = watch(this.#options.folder, { persistent: false }, () => this.#lookIn(settleMs));
      return watcher.on("error", () => watcher.close());
    } catch {
      return null;
    }
  }

  #lookIn(ms: number): void {
    this.#cancelTimer();
    if (this.#closed) return;
    const { clock } = this.#options;
    this.#cancelTimer = clock.setTimer(clock.now() + ms, () => {
      this.#reading = this.#reading.then(() => this.#look());
    });
  }

  async #look(): Promise<void> {
    try {
      const { credentials, digest } = await read(this.#options);
      this.#reported = null;
      if (digest !== this.#seen && !this.#closed) {
        this.#seen = digest;
        this.#current.set(credentials);
      }
    } catch (error) {
      this.#reportOnce(error);
    }
    this.#lookIn(this.#everyMs);
  }

  #reportOnce(error: unknown): void {
    const text = String(error);
    if (this.#reported === text) return;
    this.#reported = text;
    this.#options.report("Cannot take up the changed certificates; the ones before stay in use", error);
  }
}

async function read({ folder, asksClients = true, clock }: FolderCredentialsOptions): Promise<Reading> {
  const paths = ["server.crt", "server.key"].map((name) => join(folder, name));
  const [chainPath = "", keyPath = ""] = paths;
  const [chain = "", keyText = ""] = await Promise.all(paths.map(readText));
  const key = new PrivateKeyPem(keyText);
  const certificate = parse(chainPath, chain);
  const clientCas = asksClients ? await readClientCas(join(folder, "ca.crt")) : "";
  if (!ownsKey(certificate, { key, keyPath })) {
    throw refused(keyPath, `it is not the key of the certificate in "${chainPath}"`);
  }
  const notAfter = certificate.validToDate.getTime();
  if (notAfter <= clock.now()) {
    throw refused(chainPath, `the certificate expired on ${new Date(notAfter).toISOString()}`);
  }
  // What the TLS library would refuse later must not take the place of what works.
  try {
    createSecureContext({ ...(asksClients && { ca: clientCas }), cert: chain, key: keyText });
  } catch (error) {
    throw refused(folder, `the TLS library refuses it: ${(error as Error).message}`);
  }
  const digest = createHash("sha256").update([clientCas, chain, keyText].join("\0")).digest("hex");
  return { credentials: { key, chain, clientCas, notAfter }, digest };
}

async function readClientCas(path: string): Promise<string> {
  const authorities = readAuthoritiesPem(await readText(path));
  if (authorities === null) throw refused(path, "it holds no certificate in PEM, or one that cannot be read");
  return authorities;
}

async function readText(path: string): Promise<string> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size > largestFile) throw refused(path, "it is larger than 1 MiB");
    return await file.readFile("utf8");
  } catch (error) {
    if (error instanceof BerthError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw refused(path, missing ? "it does not exist" : (error as Error).message);
  }
}

function parse(path: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw refused(path, "it holds no certificate in PEM");
  }
}

function ownsKey(
  certificate: X509Certificate,
  { key, keyPath }: { key: PrivateKeyPem; keyPath: string },
): boolean {
  try {
    return certificate.checkPrivateKey(parsePrivateKey(key));
  } catch (error) {
    throw refused(keyPath, (error as Error).message);
  }
}

function refused(path: string, why: string): BerthError {
  return new BerthError("SETTINGS_INVALID", `Cannot use "${path}": ${why}`);
}
