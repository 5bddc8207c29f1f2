import { extname } from "node:path";
import { BerthError } from "@berth/protocol";
import type { Job } from "../../../core/job/job.ts";
import { onLoop } from "../../../lib/on-loop.ts";
import { FairWorker } from "../../../lib/turns/fair-worker.ts";
import { resultField } from "../messages/large-fields.ts";

/** What is put into the form of the wire in a fraction of a millisecond. */
const FEW_LETTERS = 8192;
const FEW_BYTES = 64 * 1024;

export interface LargeOfInfo {
  /** null where somebody has read it already, or it is small. */
  specJson: Uint8Array | null;
  resultJson: string | null;
}

/** Results and specs of jobs in the form of the wire; those of large ones are made in a thread. */
export class LargeInfos implements AsyncDisposable {
  readonly #worker = new FairWorker<LargeOfInfo, Uint8Array>({
    name: "berth-large-infos",
    threadFile: new URL(`./info-thread${extname(import.meta.url)}`, import.meta.url),
    operation: "gRPC getJob: hand over what is large",
    closed: () => new BerthError("SHUTTING_DOWN", "Cannot show the job: the server is shutting down"),
  });

  /** The fields of an execution that are not to be made here, encoded. `who` asks for them. */
  async fieldsOf(job: Job, who: string): Promise<{ fields: Uint8Array; withSource: boolean }> {
    const { spec, resultJson } = job;
    const specJson = isLargeUnread(job) && typeof spec.json !== "string" ? spec.json : null;
    const withSource = specJson !== null;
    if (specJson === null && (resultJson === null || resultJson.length <= FEW_LETTERS)) {
      const fields =
        resultJson === null ? new Uint8Array() : onLoop("gRPC getJob: answer", () => resultField(resultJson));
      return { fields, withSource };
    }
    return { fields: await this.#worker.ask({ specJson, resultJson }, { who, moved: [] }), withSource };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#worker[Symbol.asyncDispose]();
  }
}

function isLargeUnread({ spec }: Job): boolean {
  return !spec.isRead && spec.size > FEW_BYTES;
}
