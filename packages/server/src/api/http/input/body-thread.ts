import { submission } from "@berth/protocol";
import { check, requestInvalid } from "../../../core/input/check.ts";
import { readRequests } from "../../../operations/jobs/submit/read-requests.ts";
import { parseJsonBody } from "./json-body.ts";

const TOO_LONG =
  "is longer than 64 KiB, or of thousands of parts: send it as the body of POST /api/v1/tasks/NAME/run";

/** The thread that reads large bodies: a text of megabytes takes long to parse and to check, however well it is done. */
readRequests((bytes) => {
  const checked = check(submission, parseJsonBody(bytes) ?? {});
  if ("problems" in checked) throw requestInvalid(checked.problems);
  const { value } = checked;
  if ("task" in value) throw requestInvalid([{ field: "input", message: TOO_LONG }]);
  return { spec: value, more: null };
});
