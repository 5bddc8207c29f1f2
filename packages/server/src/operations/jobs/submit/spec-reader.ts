import { BerthError } from "@berth/protocol";
import { ReadSpec } from "../../../core/input/read-spec.ts";
import { KeptSpec } from "../../../core/job/kept-spec.ts";
import { movable } from "../../../lib/turns/answer-requests.ts";
import { FairWorker } from "../../../lib/turns/fair-worker.ts";
import type { SpecPieces, SpecReply } from "./spec-reply.ts";

/** A large request, read. */
export interface ReadRequest<More> {
  spec: ReadSpec;
  /** What else it says. */
  more: More;
}

/** Beside a piece itself its memory may hold a few bytes of a frame around it. */
const FRAME_BYTES = 16;

/** Reads large requests for jobs in a thread. */
export class SpecReader<More> implements AsyncDisposable {
  readonly #worker: FairWorker<SpecPieces, SpecReply<More>>;

  /** `threadFile` calls `readRequests`. */
  constructor({ name, threadFile }: { name: string; threadFile: URL }) {
    this.#worker = new FairWorker({
      name,
      threadFile,
      operation: "submit: hand over a large request",
      closed: () => new BerthError("SHUTTING_DOWN", "Cannot take requests: the server is shutting down"),
    });
  }

  /** Rejects with REQUEST_INVALID as one that is read at once does. The pieces are given away. */
  async read(pieces: SpecPieces, who: string): Promise<ReadRequest<More>> {
    const reply = await this.#worker.ask(pieces, { who, moved: movable(pieces, FRAME_BYTES) });
    if (reply.kind === "refused")
      throw new BerthError("REQUEST_INVALID", reply.message, { problems: reply.problems });
    const { json, view, ...rest } = reply.spec;
    return { spec: new ReadSpec({ ...rest, kept: KeptSpec.stored(json, view) }), more: reply.more };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#worker[Symbol.asyncDispose]();
  }
}
