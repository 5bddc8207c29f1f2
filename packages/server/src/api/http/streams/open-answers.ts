import type { ServerResponse } from "node:http";
import { BerthError } from "@berth/protocol";

/** The answers that last: streams, and waits for the end of a job. Each has a signal tied to its connection. */
export interface OpenAnswers {
  /** Aborts when the client has gone or the answer is complete, and when the server shuts down. */
  signalOf(response: ServerResponse): AbortSignal;
  /** The server shuts down: ends all, those to come too. */
  endAll(): void;
}

export function createOpenAnswers(): OpenAnswers {
  const open = new Set<AbortController>();
  let ended: BerthError | null = null;
  return {
    signalOf(response) {
      const controller = new AbortController();
      if (ended) controller.abort(ended);
      else if (response.destroyed) controller.abort(gone);
      else {
        open.add(controller);
        response.once("close", () => {
          open.delete(controller);
          controller.abort(gone);
        });
      }
      return controller.signal;
    },
    endAll() {
      ended = new BerthError("SHUTTING_DOWN", "Cannot go on: the server is shutting down");
      for (const controller of open) controller.abort(ended);
    },
  };
}

/** One for all: every answer ends with it, and its stack says nothing. */
export const gone = new DOMException("The client has gone", "AbortError");
