import { randomUUID } from "node:crypto";
import { BerthError, errorCatalog } from "@berth/protocol";
import { type ServerInterceptor, ServerInterceptingCall } from "@grpc/grpc-js";
import type { Revocations } from "../../pki/revoke.ts";
import type { Events } from "../../telemetry/events.ts";
import { admit, type AuthContext } from "./caller.ts";
import { connectionCertificate } from "./connection-certificate.ts";
import { shownError, statusOf } from "./status.ts";

export interface Guard {
  /** Stands before every call of every service, health and reflection included. */
  interceptor: ServerInterceptor;
  /** The server shuts down: ends the calls that are open, and those to come. */
  endAll(): void;
}

/** One for all: making a stack for each call costs more than the rest of its guard. */
const over = new DOMException("The call is over", "AbortError");

type InnerCall = Parameters<ServerInterceptor>[1];

/**
 * Lets in who shows a certificate that may still be used, and ends the call at the moment when it may no longer be: a
 * connection outlives the check at its beginning.
 */
export function createGuard({
  revocations,
  events,
}: {
  revocations: Revocations;
  events: Pick<Events, "requestFailed">;
}): Guard {
  const open = new Set<AbortController>();
  let ended: BerthError | null = null;

  /** Returns what to do when the call is over. Throws BerthError when it may not begin. */
  function enter(call: InnerCall, auth: AuthContext): () => void {
    if (ended) throw ended;
    const certificate = connectionCertificate(call);
    revocations.check(certificate);
    const controller = new AbortController();
    const held = revocations.hold(certificate);
    const refuse = (): void => controller.abort(held.signal.reason);
    held.signal.addEventListener("abort", refuse);
    const answer = (): void => call.sendStatus(statusOf(shownError(controller.signal.reason), randomUUID()));
    controller.signal.addEventListener("abort", answer);
    open.add(controller);
    admit(auth, { name: certificate.cn, signal: controller.signal });
    return () => {
      open.delete(controller);
      held.signal.removeEventListener("abort", refuse);
      held[Symbol.dispose]();
      // Whoever still works for it may stop; there is nobody to answer any more.
      controller.signal.removeEventListener("abort", answer);
      controller.abort(over);
    };
  }

  return {
    interceptor: ({ path }, call) => {
      const auth: AuthContext = {};
      return new GuardedCall(call, {
        auth,
        start(next) {
          try {
            const leave = enter(call, auth);
            // Comes at every end, not only when the client cancels.
            next({ onCancel: leave });
          } catch (error) {
            const requestId = randomUUID();
            const shown = shownError(error);
            const { status } = errorCatalog[shown.code];
            events.requestFailed({ requestId, method: "gRPC", route: path, status, code: shown.code, error });
            call.sendStatus(statusOf(shown, requestId));
          }
        },
      });
    },
    endAll() {
      ended = new BerthError("SHUTTING_DOWN", "Cannot go on: the server is shutting down");
      for (const controller of open) controller.abort(ended);
    },
  };
}

type Start = NonNullable<NonNullable<ConstructorParameters<typeof ServerInterceptingCall>[1]>["start"]>;

/** Shows the handler the context that was admitted. */
class GuardedCall extends ServerInterceptingCall {
  readonly #auth: AuthContext;

  constructor(call: InnerCall, { auth, start }: { auth: AuthContext; start: Start }) {
    super(call, { start });
    this.#auth = auth;
  }

  override getAuthContext(): AuthContext {
    return this.#auth;
  }
}
