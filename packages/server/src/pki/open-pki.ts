import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { type Ca, openCa } from "./ca.ts";
import type { CertificateRegistry } from "./certificate-registry.ts";
import { openFolderCredentials } from "./credentials/folder-credentials.ts";
import { openOwnCredentials } from "./credentials/own-credentials.ts";
import type { ServerCredentialsSource } from "./credentials/server-credentials.ts";
import { openPkiFolder } from "./files/authority-file.ts";
import { openFileRegistry } from "./files/file-registry.ts";
import type { KeyType } from "./keys.ts";
import { Revocations } from "./revoke.ts";

export interface PkiOptions {
  /** `<dataDir>/pki`. */
  folder: string;
  /** A folder with `ca.crt`, `server.crt` and `server.key` that somebody else takes care of; null for our own authority. */
  certs: string | null;
  /** Names under which clients reach the server, beside this host's own. */
  names: readonly string[];
  /** Of the server's certificate from our own authority. */
  key: KeyType;
  clock: Clock;
  report: (what: string, error: unknown) => void;
}

/** Everything that mutual TLS needs, opened together. */
export interface Pki extends AsyncDisposable {
  /** null where somebody else's authority signs. */
  ca: Ca | null;
  registry: CertificateRegistry;
  revocations: Revocations;
  credentials: ServerCredentialsSource;
  clock: Clock;
}

/** Opens what is there, and makes what is not: a new authority takes a second or two. */
export async function openPki({ folder, certs, names, key, clock, report }: PkiOptions): Promise<Pki> {
  await using opening = new AsyncDisposableStack();
  await openPkiFolder(folder);
  const registry = opening.use(await openFileRegistry({ path: join(folder, "certificates.jsonl"), clock }));
  const revocations = await Revocations.open({ registry, clock });
  const openOwn = async (): Promise<Pick<Pki, "ca" | "credentials">> => {
    const ca = opening.use(await openCa({ folder, clock, report }));
    const own = { ca, registry, clock, folder, names, key, report };
    return { ca, credentials: await openOwnCredentials(own) };
  };
  const { ca, credentials } =
    certs === null
      ? await openOwn()
      : { ca: null, credentials: await openFolderCredentials({ folder: certs, clock, report }) };
  opening.use(credentials);
  const open = opening.move();
  return {
    ca,
    registry,
    revocations,
    credentials,
    clock,
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}
