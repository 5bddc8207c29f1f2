import { BerthError } from "@berth/protocol";
import type { ServerUnaryCall } from "@grpc/grpc-js";
import { canonicalSerial } from "../../pki/authority.ts";
import { principalProblem } from "../../core/access/principal-name.ts";
import type { ShownCertificate } from "../../pki/revoke.ts";

type AuthContext = ReturnType<ServerUnaryCall<unknown, unknown>["getAuthContext"]>;

/**
 * What the certificate of a call's connection says. Its common name is the principal. Throws BerthError CERTIFICATE_REFUSED
 * when there is none, or none with exactly one common name that can be a principal's.
 */
export function readClientCertificate({ sslPeerCertificate }: AuthContext): ShownCertificate {
  if (!sslPeerCertificate?.serialNumber) {
    throw new BerthError(
      "CERTIFICATE_REFUSED",
      "Cannot accept the call: it came without a client certificate",
    );
  }
  const { subject, issuer, serialNumber, valid_from: validFrom, valid_to: validTo } = sslPeerCertificate;
  // Typed as text, and a list where a certificate has several.
  const cn: unknown = subject.CN;
  if (typeof cn !== "string" || principalProblem(cn) !== null) {
    throw new BerthError(
      "CERTIFICATE_REFUSED",
      "Cannot accept the client certificate: it has not exactly one common name that can be a principal's",
    );
  }
  return {
    serial: canonicalSerial(serialNumber),
    cn,
    issuerName: [issuer.CN as unknown].flat().join(" ").trim(),
    notBefore: Date.parse(validFrom),
    notAfter: Date.parse(validTo),
  };
}
