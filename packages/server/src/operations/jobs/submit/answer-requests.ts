import { isBerthError, type JobSpec } from "@berth/protocol";
import { parentPort } from "node:worker_threads";
import type { SpecHead } from "../../../core/input/read-spec.ts";
import { viewSpec } from "../../../core/job-view.ts";
import { stagesBefore } from "../../../core/stages/plan-stages.ts";
import { inputsOf, requestHashOf } from "./submitted-contents.ts";
import type { SpecReply, SpecRequest, TakenApart } from "./spec-reply.ts";

/**
 * Makes this thread one that reads requests for jobs: `read` knows the wire, and throws REQUEST_INVALID. All that takes long
 * with a large one is done here, down to the bytes that are stored.
 */
export function answerRequests<More>(read: (bytes: Buffer) => { spec: JobSpec; more: More }): void {
  parentPort?.on("message", (request: SpecRequest) => void answer(request, read));
}

async function answer<More>(
  { number, pieces }: SpecRequest,
  read: (bytes: Buffer) => { spec: JobSpec; more: More },
): Promise<void> {
  try {
    const { spec, more } = read(Buffer.concat(pieces));
    const taken = await takeApart(spec);
    parentPort?.postMessage(
      { number, kind: "read", spec: taken, more } satisfies SpecReply<More>,
      memoryOf(taken),
    );
  } catch (error) {
    parentPort?.postMessage(refusal(number, error));
  }
}

async function takeApart(spec: JobSpec): Promise<TakenApart> {
  const { name, labels, engine, archive, resources, timeouts, output, network } = spec;
  const contents = await inputsOf(spec);
  const view = viewSpec(spec);
  return {
    head: { name, labels, engine, archive, resources, timeouts, output, network } satisfies Record<
      keyof SpecHead,
      unknown
    >,
    view,
    json: new TextEncoder().encode(JSON.stringify(view)),
    contents,
    requestHash: await requestHashOf(spec, contents),
    before: stagesBefore(spec),
  };
}

/** What is moved and not copied: what has its memory for itself. */
function memoryOf({ json, contents }: TakenApart): ArrayBuffer[] {
  const { files, stdin } = contents;
  return [json, ...files.map(({ content }) => content), ...(stdin === null ? [] : [stdin])].flatMap(
    ({ buffer, byteLength }) =>
      buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [],
  );
}

function refusal(number: number, error: unknown): SpecReply<never> {
  if (!isBerthError(error)) return { number, kind: "failed", message: String(error) };
  return { number, kind: "refused", message: error.message, problems: error.problems };
}
