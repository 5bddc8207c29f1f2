import { isBerthError, type JobSpec } from "@berth/protocol";
import type { SpecHead } from "../../../core/input/read-spec.ts";
import { viewSpec } from "../../../core/job/job-view.ts";
import { stagesBefore } from "../../../core/stages/plan-stages.ts";
import { answerRequests, movable } from "../../../lib/turns/answer-requests.ts";
import type { SpecPieces, SpecReply, TakenApart } from "./spec-reply.ts";
import { inputsOf, requestHashOf } from "./submitted-contents.ts";

type Read<More> = (bytes: Buffer) => { spec: JobSpec; more: More };

/**
 * Makes this thread one that reads requests for jobs: `read` knows the wire, and throws REQUEST_INVALID. All that takes long
 * with a large one is done here, down to the bytes that are stored.
 */
export function readRequests<More>(read: Read<More>): void {
  answerRequests<SpecPieces, SpecReply<More>>(async (pieces) => {
    try {
      const { spec, more } = read(wholeOf(pieces));
      const taken = await takeApart(spec);
      return { answer: { kind: "read", spec: taken, more }, moved: memoryOf(taken) };
    } catch (error) {
      if (!isBerthError(error)) throw error;
      const { message, problems } = error;
      return { answer: { kind: "refused", message, problems }, moved: [] };
    }
  });
}

/** Not copied where it is one. */
function wholeOf(pieces: SpecPieces): Buffer {
  const [first] = pieces;
  if (first === undefined || pieces.length > 1) return Buffer.concat(pieces);
  return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
}

async function takeApart(spec: JobSpec): Promise<TakenApart> {
  const { name, labels, engine, archive, resources, timeouts, output, network, observe, secrets, priority } =
    spec;
  const contents = await inputsOf(spec);
  const view = viewSpec(spec);
  return {
    head: {
      name,
      labels,
      engine,
      archive,
      resources,
      timeouts,
      output,
      network,
      observe,
      secrets,
      priority,
    } satisfies Record<keyof SpecHead, unknown>,
    view,
    json: new TextEncoder().encode(JSON.stringify(view)),
    contents,
    requestHash: await requestHashOf(spec, contents),
    before: stagesBefore(spec),
  };
}

function memoryOf({ json, contents: { files, stdin } }: TakenApart): ArrayBuffer[] {
  return movable([json, ...files.map(({ content }) => content), ...(stdin === null ? [] : [stdin])]);
}
