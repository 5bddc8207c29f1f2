import { parentPort } from "node:worker_threads";
import type { WorkerReply, WorkerRequest } from "./fair-worker.ts";

/** Makes this thread one that answers what a FairWorker asks. `moved` is memory of the answer that is given away. */
export function answerRequests<Asked, Answer>(
  answer: (asked: Asked) => Promise<{ answer: Answer; moved: readonly ArrayBuffer[] }>,
): void {
  const reply = (message: WorkerReply<Answer>, moved: readonly ArrayBuffer[] = []): void =>
    parentPort?.postMessage(message, moved);
  parentPort?.on("message", ({ number, asked }: WorkerRequest<Asked>) => {
    answer(asked).then(
      (done) => reply({ number, kind: "done", answer: done.answer }, done.moved),
      (error: unknown) => reply({ number, kind: "failed", message: String(error) }),
    );
  });
}

/** What has its memory for itself, or for itself and `slack` bytes, can be moved and need not be copied. */
export function movable(all: readonly Uint8Array[], slack = 0): ArrayBuffer[] {
  return all.flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && byteLength > 0 && buffer.byteLength - byteLength <= slack
      ? [buffer]
      : [],
  );
}
