import { BerthError } from "@berth/protocol";
import type { Clock } from "../lib/clock.ts";
import type { AuthorityStore, CertificateStore } from "../store/certificate-store.ts";
import { type Ca, openCa } from "./ca.ts";
import { openFolderCredentials } from "./credentials/folder-credentials.ts";
import { openOwnCredentials } from "./credentials/own-credentials.ts";
import type { ServerCredentialsSource } from "./credentials/server-credentials.ts";
import { openPkiFolder } from "./files/authority-file.ts";
import type { KeyType } from "./keys.ts";
import { Revocations } from "./revoke.ts";

export interface PkiOptions {
  /** `<dataDir>/pki`. */
  folder: string;
  /** Where certificates are remembered. */
  store: { certificates: CertificateStore; authorities: AuthorityStore };
  /** A folder with `ca.crt`, `server.crt` and `server.key` that somebody else takes care of; null for our own authority. */
  certs: string | null;
  /** Names under which clients reach the server, beside this host's own. */
  names: readonly string[];
  /** Of the server's certificate from our own authority. */
  key: KeyType;
  clock: Clock;
  report: (what: string, error: unknown) => void;
}

/** Certificates that were not revoked are forgotten this long after they expired. */
const keepExpiredMs = 30 * 24 * 3600_000;

/** Everything that mutual TLS needs, opened together. */
export interface Pki extends AsyncDisposable {
  /** null where somebody else's authority signs. */
  ca: Ca | null;
  registry: CertificateStore;
  revocations: Revocations;
  credentials: ServerCredentialsSource;
  clock: Clock;
}

/** Opens what is there, and makes what is not: a new authority takes a second or two. */
export async function openPki(options: PkiOptions): Promise<Pki> {
  const { folder, store, certs, names, key, clock, report } = options;
  const { certificates: registry, authorities } = store;
  await using opening = new AsyncDisposableStack();
  await openPkiFolder(folder);
  await registry.forgetExpired(clock.now() - keepExpiredMs);
  const openOwn = async (): Promise<Pick<Pki, "ca" | "credentials">> => {
    const ca = opening.use(await openCa({ folder, clock, authorities, report }));
    const since = ca.trustedFrom(ca.current);
    if (since > 0) report(...lostRegister(since));
    const own = { ca, registry, clock, folder, names, key, report };
    return { ca, credentials: await openOwnCredentials(own) };
  };
  const { ca, credentials } =
    certs === null
      ? await openOwn()
      : { ca: null, credentials: await openFolderCredentials({ folder: certs, clock, report }) };
  opening.use(credentials);
  const revocations = await Revocations.open({
    registry,
    clock,
    trustedFrom: (issuerName) => ca?.trustedFromOf(issuerName) ?? 0,
  });
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

/** What an operator reads at each start until there is another authority. */
function lostRegister(trustedFrom: number): [string, BerthError] {
  const since = new Date(trustedFrom).toISOString();
  return [
    `Certificates issued before ${since} are refused`,
    new BerthError(
      "CERTIFICATE_REFUSED",
      "Cannot trust them: the authority is older than the database, and which of them were revoked is lost",
      { fix: "Issue new ones with `berth cert issue`, or begin anew with `berth ca rotate`" },
    ),
  ];
}
