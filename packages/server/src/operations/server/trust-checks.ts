import type { Check } from "@berth/protocol";
import { nameOf } from "../../pki/ca.ts";
import type { Pki } from "../../pki/open-pki.ts";
import type { CertificateRecord } from "../../store/certificate-store.ts";
import type { Context } from "../context.ts";

const DAY_MS = 24 * 3600_000;
/** An authority is replaced with all that it signed: that takes longer than a week. */
const AUTHORITY_SOON_MS = 90 * DAY_MS;
const SERVER_SOON_MS = 14 * DAY_MS;
/** What lives for less is made anew each time, and nobody need be told of its end. */
const SHORT_LIVED_MS = 7 * DAY_MS;
/** The last part of a certificate's life. */
const LAST_PART = 0.2;
const MOST_NAMED = 5;

/** Who signs certificates, which can be trusted, which end soon, and who is shut out. */
export async function trustChecks({
  pki,
  store,
  now,
}: Pick<Context, "pki" | "store" | "now">): Promise<Check[]> {
  const locked = (await store.locks.list()).map(({ name }) => name);
  const locks = ok("locks", locked.length === 0 ? "Nobody is locked out" : `Locked out: ${named(locked)}`);
  if (pki === null) return [ok("authority", "None is asked: this server speaks no gRPC"), locks];
  const revoked = (await store.certificates.revoked()).length;
  return [
    ...authorities(pki, now()),
    serverCertificate(pki, now()),
    ...clients(await store.certificates.ending({ after: now(), limit: 50 }), { pki, now: now() }),
    ok("revocations", revoked === 0 ? "No certificate was revoked" : `${revoked} certificates are revoked`),
    locks,
  ];
}

function ok(name: string, detail: string): Check {
  return { name, status: "ok", detail, fix: null };
}

function warning(name: string, detail: string, fix: string): Check {
  return { name, status: "warning", detail, fix };
}

function authorities({ ca }: Pki, now: number): Check[] {
  if (ca === null) return [ok("authority", "Somebody else's signs: see BERTH_GRPC_CERTS")];
  const { current } = ca;
  const ends = current.certificate.notAfter.getTime();
  const detail = `"${nameOf(current)}" signs, until ${date(ends)}`;
  const rotate = "Stop the server, `berth ca rotate`, and hand out the new ca.crt";
  const before = ca.previous.map(({ authority, trustedUntil }) =>
    ok("authority", `"${nameOf(authority)}" is trusted too, until ${date(trustedUntil)}`),
  );
  const since = ca.trusted
    .map((one) => ({ name: nameOf(one), from: ca.trustedFrom(one) }))
    .filter(({ from }) => from > 0)
    .map(({ name, from }) =>
      warning(
        "trusted-from",
        `What "${name}" signed before ${new Date(from).toISOString()} is refused: the database is younger, and what was revoked by then is lost`,
        "Issue new certificates with `berth cert issue`, or begin anew with `berth ca rotate`",
      ),
    );
  const own = ends - now < AUTHORITY_SOON_MS ? warning("authority", detail, rotate) : ok("authority", detail);
  return [own, ...before, ...since];
}

function serverCertificate({ ca, credentials }: Pki, now: number): Check {
  const { notAfter } = credentials.current;
  const name = "server-certificate";
  if (ca !== null) return ok(name, `Good until ${date(notAfter)}, replaced by itself before`);
  const detail = `Good until ${date(notAfter)}`;
  if (notAfter - now > SERVER_SOON_MS) return ok(name, detail);
  return warning(
    name,
    detail,
    "Write new files into the folder of BERTH_GRPC_CERTS: they are taken up at once",
  );
}

function clients(
  { count, items }: { count: number; items: readonly CertificateRecord[] },
  { pki, now }: { pki: Pki; now: number },
): Check[] {
  // Of those that somebody else signed nobody here knows.
  if (pki.ca === null) return [];
  const [first] = items;
  if (first === undefined) return [ok("certificates", "No client has one that is good")];
  const next = `${count} clients' certificates are good; the first to end is that of "${first.cn}", on ${date(first.notAfter)}`;
  const ending = items.filter(({ notBefore, notAfter }) => {
    const life = notAfter - notBefore;
    return life > SHORT_LIVED_MS && notAfter - now < life * LAST_PART;
  });
  if (ending.length === 0) return [ok("certificates", next)];
  const who = named([...new Set(ending.map(({ cn }) => cn))]);
  return [warning("certificates", `${next}. Near their end: ${who}`, "Have each run `berth cert renew`")];
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map((name) => `"${name}"`);
  return names.length > MOST_NAMED
    ? `${shown.join(", ")} and ${names.length - MOST_NAMED} more`
    : shown.join(", ");
}

function date(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
