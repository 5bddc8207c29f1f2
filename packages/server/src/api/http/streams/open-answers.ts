import type { ServerResponse } from "node:http";
import { BerthError } from "@berth/protocol";
import type { Allowance } from "../../../auth/allowance.ts";
import type { Locks } from "../../../auth/locks.ts";
import type { HeldRights } from "../../../auth/policy/held-rights.ts";
import type { ShownSessions } from "../../../auth/login/shown-sessions.ts";
import { holdToEnd } from "../../../auth/shown-credentials.ts";
import type { ShownTokens } from "../../../auth/shown-tokens.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import { joinSignals } from "../../../lib/signals.ts";

/** The answers that last: streams, and waits for the end of a job. Each has a signal tied to its connection. */
export interface OpenAnswers {
  /**
   * Aborts when the client has gone or the answer is complete, when its principal is locked, its token or session revoked or
   * expired, or the right to it taken back, and when the server shuts down.
   */
  signalOf(response: ServerResponse, caller: Caller): AbortSignal;
  /** The same for a stream, which counts towards what its reader may hold. Throws TOO_MANY_OPEN. */
  streamOf(response: ServerResponse, caller: Caller): AbortSignal;
  /** The server shuts down: ends all, those to come too. */
  endAll(): void;
}

export function createOpenAnswers({
  allowance,
  locks,
  rights,
  tokens,
  sessions,
  now,
}: {
  allowance: Allowance;
  locks: Locks;
  rights: Pick<HeldRights, "hold">;
  tokens: Pick<ShownTokens, "hold">;
  sessions: Pick<ShownSessions, "hold">;
  now: () => number;
}): OpenAnswers {
  const open = new Set<AbortController>();
  let ended: BerthError | null = null;
  const signalOf = (response: ServerResponse, caller: Caller): AbortSignal => {
    const { principal, credential } = caller;
    const controller = new AbortController();
    if (ended) controller.abort(ended);
    else if (response.destroyed) controller.abort(gone);
    else {
      open.add(controller);
      const held = [
        locks.hold(principal),
        rights.hold(caller),
        tokens.hold(credential),
        sessions.hold(credential),
        holdToEnd(credential, now),
      ];
      const joined = joinSignals(...held.map(({ signal }) => signal));
      const end = (): void => controller.abort(joined.signal.reason);
      if (joined.signal.aborted) end();
      else joined.signal.addEventListener("abort", end, { once: true });
      response.once("close", () => {
        open.delete(controller);
        for (const each of [joined, ...held]) each[Symbol.dispose]();
        controller.abort(gone);
      });
    }
    return controller.signal;
  };
  return {
    signalOf,
    streamOf(response, caller) {
      const giveBack = allowance.take("streams", caller.principal);
      if (response.destroyed) giveBack();
      else response.once("close", giveBack);
      return signalOf(response, caller);
    },
    endAll() {
      ended = new BerthError("SHUTTING_DOWN", "Cannot go on: the server is shutting down");
      for (const controller of open) controller.abort(ended);
    },
  };
}

/** One for all: every answer ends with it, and its stack says nothing. */
export const gone = new DOMException("The client has gone", "AbortError");
