import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";
import { BerthError, errorCatalog, type ErrorCode, type Problem } from "@berth/protocol/errors";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "@berth/protocol/grpc-errors";
import { StatusSchema } from "@berth/protocol/grpc-status";
import { type ServiceError, status } from "@grpc/grpc-js";

/** What a call failed with, in the words of the catalogue: the server's own where it came so far. */
export function callError(error: unknown, where: Where): BerthError {
  const { code, details, metadata } = error as ServiceError;
  const [bytes] = metadata?.get("grpc-status-details-bin") ?? [];
  const told = Buffer.isBuffer(bytes) ? detailsOf(bytes) : null;
  if (told !== null) {
    const { reason, problems, requestId, fix, retryAfterMs } = told;
    return new BerthError(reason, details, {
      problems,
      ...(requestId && { requestId }),
      ...(fix && { fix }),
      ...(retryAfterMs !== null && { retryAfterMs }),
      cause: error,
    });
  }
  // The server gives reasons with every cancellation of its own: without them the connection was cut.
  const cut = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED].includes(code);
  if (cut) return unreachable(details, where);
  if (code === status.UNIMPLEMENTED) {
    return new BerthError("RESPONSE_INVALID", `Cannot use "${where.target}": it serves no such call`, {
      cause: error,
    });
  }
  return new BerthError("INTERNAL", `The call failed: ${details}`, { cause: error });
}

interface Told {
  reason: ErrorCode;
  problems: Problem[];
  requestId: string;
  fix: string;
  /** When the server would have it asked again; null where it does not say. */
  retryAfterMs: number | null;
}

function detailsOf(bytes: Buffer): Told | null {
  const { details } = fromBinary(StatusSchema, bytes);
  const info = details.map((any) => anyUnpack(any, ErrorInfoSchema)).find((one) => one !== undefined);
  const wrong = details.map((any) => anyUnpack(any, BadRequestSchema)).find((one) => one !== undefined);
  const again = details.map((any) => anyUnpack(any, RetryInfoSchema)).find((one) => one !== undefined);
  if (info === undefined || !Object.hasOwn(errorCatalog, info.reason)) return null;
  return {
    reason: info.reason as ErrorCode,
    problems: (wrong?.fieldViolations ?? []).map(({ field, description }) => ({
      field,
      message: description,
    })),
    requestId: info.metadata["requestId"] ?? "",
    fix: info.metadata["fix"] ?? "",
    retryAfterMs: again?.retryDelay === undefined ? null : durationMs(again.retryDelay),
  };
}

interface Where {
  target: string;
  /** Where the certificates came from, when that is known. */
  folder: string | undefined;
}

/** A file of that folder, or the option that it is without one. */
function part({ folder }: Where, option: "ca" | "certificate"): string {
  if (folder === undefined) return `\`${option}\``;
  return `${folder}/${option === "ca" ? "ca.crt" : "client.crt"}`;
}

/** Why a connection did not come about, and what to do, by what the network or TLS says in its own words. */
const REASONS: readonly { says: RegExp; why: (where: Where) => string; fix: (where: Where) => string }[] = [
  {
    says: /self.signed|unable to (get|verify)|unknown ca|issuer/i,
    why: (where) => `${part(where, "ca")} did not sign the server's certificate`,
    fix: ({ folder }) =>
      folder === undefined ? "Give the server's ca.crt as `ca`" : `Copy the server's ca.crt to ${folder}`,
  },
  {
    says: /altnames|hostname|does not match/i,
    why: ({ target }) => `the server's certificate does not name "${target.replace(/:\d+$/, "")}"`,
    fix: () => "Dial a name that it has, or have the operator add this one to BERTH_GRPC_NAMES",
  },
  {
    says: /certificate has expired/i,
    why: () => "the server's certificate has expired",
    fix: () => "Have the operator renew it",
  },
  {
    says: /wrong.version.number/i,
    why: () => "what listens there speaks no TLS",
    fix: () => "Check the port: REST listens on 7400, gRPC on 7401 unless set otherwise",
  },
  {
    says: /ECONNREFUSED/,
    why: () => "nobody listens there",
    fix: () => "Start the server, or check the port: 7401 unless BERTH_GRPC_ADDRESS says otherwise",
  },
  {
    says: /ENOTFOUND|EAI_AGAIN|Name resolution failed/,
    why: () => "there is no such host",
    fix: () => "Check the name",
  },
  {
    says: /cancell?ed/i,
    why: () => "the connection was cut",
    fix: () => "Try again",
  },
  {
    says: /EPERM|EACCES/,
    why: () => "this host does not permit the connection",
    fix: () => "Allow it to connect there: look at its firewall",
  },
  {
    says: /Failed to connect|ECONNRESET|EPIPE|alert|SSL|TLS|hang up|dropped|disconnected|closed/i,
    why: (where) =>
      `the server ended the connection: it does not take ${part(where, "certificate")}, or speaks no gRPC there`,
    fix: () =>
      "Get a certificate of this server's authority: `berth login --cert`, or `berth cert issue NAME` by an administrator",
  },
];

/** Nobody answered, or not to us. Says how to mend this very case. */
function unreachable(details: string, where: Where): BerthError {
  const known = REASONS.find(({ says }) => says.test(details));
  return new BerthError(
    "SERVER_UNREACHABLE",
    `Cannot reach "${where.target}": ${known?.why(where) ?? details}`,
    {
      fix: known?.fix(where) ?? "Start the server, or check the address",
    },
  );
}
