import { errorCatalog, type OperationName, operations } from "@berth/protocol";
import type { handleServerStreamingCall, handleUnaryCall } from "@grpc/grpc-js";
import type { Allowance } from "../../auth/allowance.ts";
import { authorize } from "../../auth/authorize.ts";
import { keyOf } from "../../core/principal.ts";
import { onLoop } from "../../lib/on-loop.ts";
import type { Turns } from "../../lib/turns.ts";
import type { Events } from "../../telemetry/events.ts";
import { type Caller, callerOf } from "./caller.ts";
import { Outbox, type Outgoing } from "./outbox.ts";
import { type CallStatus, shownError, statusOf } from "./status.ts";

type CallEvents = Pick<Events, "requestFailed">;

/** What every call of this service is bound by: the permission of its operation, and how its errors leave. */
export interface Rules {
  /** The operation of the contract that the call is: who may do that one may make this call. */
  operation: OperationName;
  events: CallEvents;
  allowance: Allowance;
  turns: Turns;
}

/** A call with one answer. Nothing is done for a client that has gone before its turn came. */
export function unary<Request, Response>(
  { operation, events, turns }: Rules,
  handle: (request: Request, caller: Caller) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, answer) => {
    const caller = callerOf(call);
    const respond = async (): Promise<void> => {
      try {
        authorizeFor(operation, caller);
        await turns.take(keyOf(caller.principal));
        if (caller.signal.aborted) return;
        const response = await onLoop(`gRPC ${operation}`, () => handle(call.request, caller));
        if (!caller.signal.aborted) answer(null, response);
      } catch (error) {
        // An aborted call has its answer already, or nobody who waits for one.
        if (caller.signal.aborted) return;
        answer(fail(error, { caller, path: call.getPath(), events }));
      }
    };
    void respond();
  };
}

/** A call that is answered with messages as they come, at the pace at which the client reads. */
export function streaming<Request, Response>(
  { operation, events, allowance, turns }: Rules,
  handle: (request: Request, caller: Caller) => AsyncIterable<Outgoing<Response>>,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    const caller = callerOf(call);
    const respond = async (): Promise<void> => {
      const outbox = new Outbox<Response>(call);
      let giveBack = (): void => undefined;
      try {
        authorizeFor(operation, caller);
        giveBack = allowance.take("streams", caller.principal);
        const who = keyOf(caller.principal);
        await turns.take(who);
        if (caller.signal.aborted) return;
        for await (const outgoing of handle(call.request, caller)) {
          await turns.pass(who);
          if (caller.signal.aborted) return;
          await outbox.send(outgoing, caller.signal);
        }
        if (!caller.signal.aborted) call.end();
      } catch (error) {
        if (caller.signal.aborted) return;
        call.emit("error", fail(error, { caller, path: call.getPath(), events }));
      } finally {
        giveBack();
      }
    };
    void respond();
  };
}

function authorizeFor(operation: OperationName, { principal }: Caller): void {
  authorize(principal, operations[operation].permission);
}

function fail(
  error: unknown,
  { caller, path, events }: { caller: Caller; path: string; events: CallEvents },
): CallStatus {
  const shown = shownError(error);
  const { requestId } = caller;
  const { status } = errorCatalog[shown.code];
  events.requestFailed({ requestId, method: "gRPC", route: path, status, code: shown.code, error });
  return statusOf(shown, requestId);
}
