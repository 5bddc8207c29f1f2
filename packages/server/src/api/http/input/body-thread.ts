import { isBerthError, jobSpec, type JobSpec, type Problem } from "@berth/protocol";
import { parentPort } from "node:worker_threads";
import { check, requestInvalid } from "../../../core/input/check.ts";
import { parseJsonBody } from "./json-body.ts";

/** The body of a submit that is large, and what came of it. */
export interface BodyRequest {
  number: number;
  bytes: Uint8Array;
}

export type BodyReply =
  | { number: number; kind: "read"; spec: JobSpec }
  | { number: number; kind: "refused"; message: string; problems: readonly Problem[] }
  | { number: number; kind: "failed"; message: string };

/** The thread that reads large bodies: a text of megabytes takes long to parse and to check, however well it is done. */
parentPort?.on("message", ({ number, bytes }: BodyRequest) => {
  parentPort?.postMessage(read(number, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
});

function read(number: number, bytes: Buffer): BodyReply {
  try {
    const checked = check(jobSpec, parseJsonBody(bytes) ?? {});
    if ("value" in checked) return { number, kind: "read", spec: checked.value };
    const { message, problems } = requestInvalid(checked.problems);
    return { number, kind: "refused", message, problems };
  } catch (error) {
    if (isBerthError(error))
      return { number, kind: "refused", message: error.message, problems: error.problems };
    return { number, kind: "failed", message: String(error) };
  }
}
