import { extname } from "node:path";
import { ExecuteRequestSchema } from "@berth/protocol/executor";
import { SpecReader } from "../../../operations/jobs/submit/spec-reader.ts";
import { hasMoreFields } from "../messages/count-fields.ts";
import type { AskedBeside } from "../messages/requested-job.ts";

/** From here on a message is read elsewhere; so is a shorter one with many fields, each of which becomes an object. */
const LARGE_BYTES = 64 * 1024;
const MANY_FIELDS = 2000;

export type RequestReader = SpecReader<AskedBeside>;

/** An ExecuteRequest that nobody has read yet. */
export class LargeRequest {
  #bytes: Uint8Array;
  /** Resolves when it was read, or will never be. */
  readonly read = Promise.withResolvers<void>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Once: the request is kept for as long as its call is open, and they are megabytes. */
  take(): Uint8Array {
    const bytes = this.#bytes;
    this.#bytes = new Uint8Array();
    return bytes;
  }
}

/** Whether to read a message would hold up everybody else. */
export function isLarge(bytes: Uint8Array): boolean {
  return bytes.length > LARGE_BYTES || hasMoreFields(ExecuteRequestSchema, bytes, MANY_FIELDS);
}

export function requestReader(): RequestReader {
  const threadFile = new URL(`./request-thread${extname(import.meta.url)}`, import.meta.url);
  return new SpecReader({ name: "berth-request-reader", threadFile });
}
