import { parentPort } from "node:worker_threads";
import { EngineError } from "../../engine.ts";
import { collectFiles } from "../work/collect.ts";
import { furnish } from "../work/furnish.ts";
import type { Task, TaskFailure, TaskReply, TaskRequest, TaskResults } from "./task.ts";

/**
 * The thread for work whose size a user chose. Each task gives the others their turn every few milliseconds (see
 * work/time-share.ts) or is short, so that none waits for the largest one.
 */
parentPort?.on("message", (request: TaskRequest) => {
  if (request === "ping") return reply("pong");
  const { number, task } = request;
  run(task).then(
    (result) => reply({ number, kind: "done", result }),
    (error: unknown) => reply({ number, kind: "failed", failure: failureOf(error) }),
  );
});

async function run(task: Task): Promise<TaskResults[Task["kind"]]> {
  switch (task.kind) {
    case "furnish":
      return await furnish(task.furnishing);
    case "collect":
      return await collectFiles(task.work, task.request);
    default:
      return task satisfies never;
  }
}

function failureOf(error: unknown): TaskFailure {
  const { message, code } = error as NodeJS.ErrnoException;
  const engine = error instanceof EngineError ? { blame: error.blame, retryable: error.retryable } : null;
  return { message, code, engine };
}

function reply(message: TaskReply): void {
  parentPort?.postMessage(message);
}
