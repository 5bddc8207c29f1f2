import { fromBinary } from "@bufbuild/protobuf";
import { type ExecuteRequest, ExecuteRequestSchema } from "@berth/protocol/executor";
import { requestInvalid } from "../../../core/input/check.ts";
import { readRequests } from "../../../operations/jobs/submit/read-requests.ts";
import { hasMoreFields } from "../messages/count-fields.ts";
import { requestedJob } from "../messages/requested-job.ts";

/** Arguments, and names and values of maps: as many as the contract permits, and some. */
const MOST_FIELDS = 40_000;

/** The thread that reads large messages. */
readRequests((bytes) => {
  if (hasMoreFields(ExecuteRequestSchema, bytes, MOST_FIELDS))
    throw wholeIsInvalid(`must hold at most ${MOST_FIELDS} fields: put long lists into an input file`);
  return requestedJob(decode(bytes));
});

function decode(bytes: Uint8Array): ExecuteRequest {
  try {
    return fromBinary(ExecuteRequestSchema, bytes, { readUnknownFields: false });
  } catch {
    throw wholeIsInvalid("must be an ExecuteRequest: its bytes are none");
  }
}

function wholeIsInvalid(message: string): Error {
  return requestInvalid([{ field: "body", message }]);
}
