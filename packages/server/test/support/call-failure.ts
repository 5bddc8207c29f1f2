import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "@berth/protocol/grpc-errors";
import { StatusSchema } from "@berth/protocol/grpc-status";
import type { ServiceError } from "@grpc/grpc-js";

/** The status of a call that must fail. */
export async function failure(answer: Promise<unknown>): Promise<ServiceError> {
  return answer.then(
    () => {
      throw new Error("The call did not fail");
    },
    (error: ServiceError) => error,
  );
}

/** What the details of a failed call say. */
export function detailsOf({ metadata }: ServiceError): {
  reason: string;
  fix: string;
  fields: string[];
  /** After so many seconds another try is worth it; null when it says nothing. */
  retryAfter: number | null;
} {
  const [bytes] = metadata.get("grpc-status-details-bin");
  const { details } = fromBinary(StatusSchema, bytes as Buffer);
  const info = details.map((any) => anyUnpack(any, ErrorInfoSchema)).find((one) => one !== undefined);
  const wrong = details.map((any) => anyUnpack(any, BadRequestSchema)).find((one) => one !== undefined);
  const retry = details.map((any) => anyUnpack(any, RetryInfoSchema)).find((one) => one !== undefined);
  return {
    retryAfter: retry?.retryDelay ? Number(retry.retryDelay.seconds) : null,
    reason: info?.reason ?? "",
    fix: info?.metadata["fix"] ?? "",
    fields: wrong?.fieldViolations.map(({ field }) => field) ?? [],
  };
}
