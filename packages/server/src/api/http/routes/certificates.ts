import { type Certificate, type IssuedCertificate, parseDuration } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import { type Issued, issueCertificate } from "../../../operations/certificates/issue-certificate.ts";
import { listCertificates } from "../../../operations/certificates/list-certificates.ts";
import { listLocks } from "../../../operations/certificates/list-locks.ts";
import { lockPrincipal } from "../../../operations/certificates/lock-principal.ts";
import { renewCertificate } from "../../../operations/certificates/renew-certificate.ts";
import { revokeCertificate } from "../../../operations/certificates/revoke-certificate.ts";
import { addOperation } from "../operation-route.ts";

export function addCertificates(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "issueCertificate", async ({ caller, body: { csr, name, ttl } }) =>
    viewIssued(
      await issueCertificate(context, { caller, csr, name: name ?? null, ttlMs: milliseconds(ttl) }),
    ),
  );

  addOperation(app, "renewCertificate", async ({ caller, body: { certificate, ttl } }) =>
    viewIssued(await renewCertificate(context, { caller, certificate, ttlMs: milliseconds(ttl) })),
  );

  addOperation(app, "listCertificates", async ({ caller, query }) => {
    const { items, next } = await listCertificates(context, { caller, filter: query });
    return { items: items.map(viewCertificate), next };
  });

  addOperation(app, "listLocks", async ({ caller }) => {
    const locks = await listLocks(context, { caller });
    return { items: locks.map(({ name, lockedAt }) => ({ name, lockedAt: iso(lockedAt) })) };
  });

  addOperation(app, "lockPrincipal", ({ caller, body: { name, locked } }) =>
    lockPrincipal(context, { caller, name, locked }),
  );

  addOperation(app, "revokeCertificate", async ({ caller, params: { serial } }) =>
    viewCertificate(await revokeCertificate(context, { caller, serial })),
  );
}

function viewIssued({ record, chainPem, roots }: Issued): IssuedCertificate {
  return { ...viewCertificate(record), certificate: chainPem, ca: roots };
}

function viewCertificate(record: Issued["record"]): Certificate {
  const { serial, cn, kind, notBefore, notAfter, issuedAt, revokedAt } = record;
  return {
    serial,
    name: cn,
    kind,
    notBefore: iso(notBefore),
    notAfter: iso(notAfter),
    issuedAt: iso(issuedAt),
    revokedAt: revokedAt === null ? null : iso(revokedAt),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** The schema has seen to its form. */
function milliseconds(text: string | undefined): number | null {
  return text === undefined ? null : parseDuration(text);
}
