import { routes } from "../routes.ts";
import {
  certificate,
  certificateList,
  issueCertificateBody,
  issuedCertificate,
  listCertificatesQuery,
  lockList,
  lockPrincipalBody,
  principalLock,
  renewCertificateBody,
} from "../schemas/certificate.ts";
import type { Operation } from "./operation.ts";

export const certificateOperations = {
  issueCertificate: {
    ...routes.issueCertificate,
    summary: "Have a client's key signed",
    permission: { resource: "certificates", verb: "create" },
    body: issueCertificateBody,
    success: { status: 201, body: issuedCertificate },
  },
  listCertificates: {
    ...routes.listCertificates,
    summary: "List clients' certificates, newest first",
    permission: { resource: "certificates", verb: "list" },
    query: listCertificatesQuery,
    success: { status: 200, body: certificateList },
  },
  renewCertificate: {
    ...routes.renewCertificate,
    summary: "Sign the key of a good certificate once more",
    permission: { resource: "certificates", verb: "create" },
    body: renewCertificateBody,
    success: { status: 201, body: issuedCertificate },
  },
  listLocks: {
    ...routes.listLocks,
    summary: "List the principals that are locked out, by name",
    permission: { resource: "certificates", verb: "list" },
    success: { status: 200, body: lockList },
  },
  lockPrincipal: {
    ...routes.lockPrincipal,
    summary: "Lock a principal out, or let it in again: locking ends its open calls",
    permission: { resource: "certificates", verb: "admin" },
    body: lockPrincipalBody,
    success: { status: 200, body: principalLock },
  },
  revokeCertificate: {
    ...routes.revokeCertificate,
    summary: "Revoke a certificate: its open calls end too",
    permission: { resource: "certificates", verb: "delete" },
    success: { status: 200, body: certificate },
  },
} as const satisfies Record<string, Operation>;
