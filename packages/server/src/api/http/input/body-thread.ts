import { jobSpec } from "@berth/protocol";
import { check, requestInvalid } from "../../../core/input/check.ts";
import { readRequests } from "../../../operations/jobs/submit/read-requests.ts";
import { parseJsonBody } from "./json-body.ts";

/** The thread that reads large bodies: a text of megabytes takes long to parse and to check, however well it is done. */
readRequests((bytes) => {
  const checked = check(jobSpec, parseJsonBody(bytes) ?? {});
  if ("problems" in checked) throw requestInvalid(checked.problems);
  return { spec: checked.value, more: null };
});
