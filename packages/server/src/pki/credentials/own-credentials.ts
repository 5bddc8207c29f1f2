import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { backoffMs } from "../../lib/retry.ts";
import { intermediatesOf, pemOf } from "../authority.ts";
import { storageFailed, writeDurably } from "../files/durable-file.ts";
import { type Issuer, issueServer, serverNames, serverTtlMs } from "../issue.ts";
import { type KeyType, parsePrivateKey, PrivateKeyPem } from "../keys.ts";
import { renewalDueAt } from "../renew.ts";
import {
  CurrentCredentials,
  type ServerCredentials,
  type ServerCredentialsSource,
} from "./server-credentials.ts";

export interface OwnCredentialsOptions extends Issuer {
  /** `<dataDir>/pki`. */
  folder: string;
  /** Names under which clients reach the server, beside this host's own. */
  names?: readonly string[];
  /** Default RSA of 2048 bits. */
  key?: KeyType;
  ttlMs?: number;
  /** Told when the certificate could not be replaced; it is tried again. */
  report: (what: string, error: unknown) => void;
}

const defaultKey: KeyType = "rsa-2048";
/** The wall clock may be set: when a renewal is due is asked anew at least this often. */
const longestSleepMs = 3600_000;
/** Near the authority's end each certificate is due as soon as it is issued, for its past is longer than its future. */
const shortestSleepMs = 60_000;

/**
 * The server's certificate from its own authority: issued when there is none that fits, replaced after two thirds of its
 * life and when the authority changes, without a restart. Kept in `<folder>/server.pem`, key and chain in one file.
 */
export async function openOwnCredentials(options: OwnCredentialsOptions): Promise<ServerCredentialsSource> {
  const pair = (await readFitting(options)) ?? (await issue(options));
  return new OwnCredentials(options, withClientCas(options, pair));
}

type Pair = Omit<ServerCredentials, "clientCas"> & { notBefore: number };

class OwnCredentials implements ServerCredentialsSource {
  readonly #options: OwnCredentialsOptions;
  readonly #current: CurrentCredentials;
  readonly #ignoreCa: () => void;
  #pair: Pair;
  #failures = 0;
  #working: Promise<void> = Promise.resolve();
  #closed = false;
  #cancelTimer = (): void => {};

  constructor(options: OwnCredentialsOptions, { pair, credentials }: ReturnType<typeof withClientCas>) {
    this.#options = options;
    this.#pair = pair;
    this.#current = new CurrentCredentials(credentials);
    this.#ignoreCa = options.ca.onChange(() => this.#caChanged());
    this.#sleep();
  }

  get current(): ServerCredentials {
    return this.#current.value;
  }

  onChange(listener: () => void): () => void {
    return this.#current.onChange(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#ignoreCa();
    this.#cancelTimer();
    await this.#working;
  }

  /** Whom to trust changes at once; the certificate as soon as the new authority has signed one. */
  #caChanged(): void {
    this.#show(this.#pair);
    this.#look();
  }

  #look(): void {
    this.#cancelTimer();
    this.#working = this.#working.then(() => this.#renewIfDue());
  }

  async #renewIfDue(): Promise<void> {
    if (this.#closed) return;
    try {
      if (!fits(this.#options, this.#pair)) this.#show(await issue(this.#options));
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#options.report("Cannot renew the server's certificate", error);
    }
    this.#sleep();
  }

  #show(pair: Pair): void {
    this.#pair = pair;
    this.#current.set(withClientCas(this.#options, pair).credentials);
  }

  #sleep(): void {
    this.#cancelTimer();
    if (this.#closed) return;
    const { clock } = this.#options;
    const now = clock.now();
    const wakeAt =
      this.#failures > 0
        ? now + backoffMs(this.#failures, { baseMs: 1000, maxMs: 600_000 })
        : Math.min(Math.max(renewalDueAt(this.#pair), now + shortestSleepMs), now + longestSleepMs);
    this.#cancelTimer = clock.setTimer(wakeAt, () => this.#look());
  }
}

function withClientCas(
  { ca }: OwnCredentialsOptions,
  pair: Pair,
): { pair: Pair; credentials: ServerCredentials } {
  const { key, chain, notAfter } = pair;
  return { pair, credentials: { key, chain, notAfter, clientCas: ca.clientCas } };
}

async function issue(options: OwnCredentialsOptions): Promise<Pair> {
  const { names = [], key = defaultKey, ttlMs = serverTtlMs } = options;
  const issued = await issueServer(options, { names, key, ttlMs });
  await writeDurably(pathIn(options), `${issued.key.reveal()}${issued.chainPem}`);
  const { notBefore, notAfter } = issued.record;
  return { key: issued.key, chain: issued.chainPem, notBefore, notAfter };
}

/** What the last run has left, if it can still be used. Anything wrong with it is no reason not to start. */
async function readFitting(options: OwnCredentialsOptions): Promise<Pair | null> {
  const path = pathIn(options);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw storageFailed(`Cannot read "${path}"`, error);
  });
  const parts =
    text === null ? null : /^(-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----\n)(.+)$/s.exec(text);
  const [, keyText = "", chain = ""] = parts ?? [];
  try {
    const certificate = new X509Certificate(chain);
    const key = new PrivateKeyPem(keyText);
    const notBefore = certificate.validFromDate.getTime();
    const notAfter = certificate.validToDate.getTime();
    const pair: Pair = { key, chain, notBefore, notAfter };
    return certificate.checkPrivateKey(parsePrivateKey(key)) && fits(options, pair) ? pair : null;
  } catch {
    return null;
  }
}

/** Signed by the current authority, for all names, with the right kind of key, and not due. */
function fits({ ca, clock, names = [], key = defaultKey }: OwnCredentialsOptions, pair: Pair): boolean {
  const certificate = new X509Certificate(pair.chain);
  const authority = new X509Certificate(pemOf([ca.current.certificate]));
  return (
    certificate.verify(authority.publicKey) &&
    withoutFirst(pair.chain) === pemOf(intermediatesOf(ca.current)) &&
    certificate.publicKey.asymmetricKeyType === (key === "ec-p256" ? "ec" : "rsa") &&
    serverNames(names).every((name) => certificate.checkHost(name) ?? certificate.checkIP(name)) &&
    pair.notBefore <= clock.now() &&
    renewalDueAt(pair) > clock.now()
  );
}

function withoutFirst(chain: string): string {
  return chain
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .slice(1)
    .join("");
}

function pathIn({ folder }: OwnCredentialsOptions): string {
  return join(folder, "server.pem");
}
