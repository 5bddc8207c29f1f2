import { create, toBinary } from "@bufbuild/protobuf";
import { type Any, anyPack, DurationSchema } from "@bufbuild/protobuf/wkt";
import { BerthError, errorCatalog, isBerthError, type Problem } from "@berth/protocol";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "@berth/protocol/grpc-errors";
import { StatusSchema } from "@berth/protocol/grpc-status";
import { Metadata, type ServiceError } from "@grpc/grpc-js";

/** What a call that failed ends with. */
export type CallStatus = Pick<ServiceError, "code" | "details" | "metadata">;

/**
 * Clients take 8 KiB of metadata unless told otherwise, and get no status at all when there is more. The message is in it
 * twice: percent-encoded, and in the details, which base64 makes a third longer.
 */
const mostMessageBytes = 1200;
const mostProblemBytes = 2800;
const longestText = 600;

/** A BerthError as it is, anything else as INTERNAL without its inside. */
export function shownError(error: unknown): BerthError {
  return isBerthError(error) ? error : new BerthError("INTERNAL", "Cannot answer: the server failed");
}

/**
 * The status of a failed call. `grpc-status-details-bin` carries a google.rpc.Status: ErrorInfo with the code of the
 * catalogue, how to mend it and the request's id; BadRequest with the wrong fields, as many as fit; RetryInfo where
 * waiting helps, as REST says it by `Retry-After`.
 */
export function statusOf(error: BerthError, requestId: string): CallStatus {
  const code = errorCatalog[error.code].grpc;
  const message = cut(error.message);
  const info = create(ErrorInfoSchema, {
    reason: error.code,
    domain: "berth",
    metadata: { fix: error.fix, requestId },
  });
  const details = [anyPack(ErrorInfoSchema, info), ...badRequest(error.problems), ...retryInfo(error)];
  const metadata = new Metadata();
  const status = create(StatusSchema, { code, message, details });
  metadata.set("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, status)));
  return { code, details: message, metadata };
}

function retryInfo({ code, retryable }: BerthError): Any[] {
  const { status } = errorCatalog[code];
  if (!retryable || (status !== 429 && status !== 503)) return [];
  const retryDelay = create(DurationSchema, { seconds: 1n });
  return [anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay }))];
}

function badRequest(problems: readonly Problem[]): Any[] {
  if (problems.length === 0) return [];
  let bytes = 0;
  const fitting = problems.filter(({ field, message }) => {
    bytes += Buffer.byteLength(field) + Buffer.byteLength(message) + 8;
    return bytes <= mostProblemBytes;
  });
  const fieldViolations = fitting.map(({ field, message }) => ({ field, description: message }));
  const left = problems.length - fitting.length;
  if (left > 0) fieldViolations.push({ field: "", description: `and ${left} more` });
  return [anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations }))];
}

/** A status travels percent-encoded in a header: short, and without halves of characters, which have no encoding. */
function cut(text: string): string {
  for (let length = longestText; ; length = Math.floor(length * 0.8)) {
    const short = (text.length > length ? `${text.slice(0, length)}…` : text).toWellFormed();
    if (encodeURI(short).length <= mostMessageBytes) return short;
  }
}
