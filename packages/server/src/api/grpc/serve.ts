import { errorCatalog, type OperationName, operations } from "@berth/protocol";
import type { handleServerStreamingCall, handleUnaryCall } from "@grpc/grpc-js";
import type { Access } from "../../auth/access.ts";
import type { Allowance } from "../../auth/allowance.ts";
import { keyOf } from "../../core/caller/principal.ts";
import { onLoop } from "../../lib/on-loop.ts";
import type { Turns } from "../../lib/turns/turns.ts";
import type { Events } from "../../telemetry/events.ts";
import { type AdmittedCall, admittedCall } from "./admitted-call.ts";
import { Outbox, type Outgoing } from "./outbox.ts";
import { type CallStatus, shownError, statusOf } from "./status.ts";

type CallEvents = Pick<Events, "requestFailed">;

/** What every call of this service is bound by: the permission of its operation, and how its errors leave. */
export interface Rules {
  /** The operation of the contract that the call is: who may do that one may make this call. */
  operation: Exclude<OperationName, "logIn" | "beginDeviceLogin" | "collectDeviceLogin" | "runWebhook">;
  events: CallEvents;
  allowance: Allowance;
  turns: Turns;
  access: Access;
}

/** A call with one answer. Nothing is done for a client that has gone before its turn came. */
export function unary<Request, Response>(
  { operation, events, turns, access }: Rules,
  handle: (request: Request, call: AdmittedCall) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, answer) => {
    const admitted = admittedCall(call);
    const { caller, signal } = admitted;
    const respond = async (): Promise<void> => {
      try {
        await access.enter(caller, operations[operation].permission);
        await turns.take(keyOf(caller.principal));
        if (signal.aborted) return;
        const response = await onLoop(`gRPC ${operation}`, () => handle(call.request, admitted));
        if (!signal.aborted) answer(null, response);
      } catch (error) {
        // An aborted call has its answer already, or nobody who waits for one.
        if (signal.aborted) return;
        answer(fail(error, { requestId: caller.requestId, path: call.getPath(), events }));
      }
    };
    void respond();
  };
}

/** A call that is answered with messages as they come, at the pace at which the client reads. */
export function streaming<Request, Response>(
  { operation, events, allowance, turns, access }: Rules,
  handle: (request: Request, call: AdmittedCall) => AsyncIterable<Outgoing<Response>>,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    const admitted = admittedCall(call);
    const { caller, signal } = admitted;
    const respond = async (): Promise<void> => {
      const outbox = new Outbox<Response>(call);
      let giveBack = (): void => undefined;
      try {
        await access.enter(caller, operations[operation].permission);
        giveBack = allowance.take("streams", caller.principal);
        const who = keyOf(caller.principal);
        await turns.take(who);
        if (signal.aborted) return;
        for await (const outgoing of handle(call.request, admitted)) {
          await turns.pass(who);
          if (signal.aborted) return;
          await outbox.send(outgoing, signal);
        }
        if (!signal.aborted) call.end();
      } catch (error) {
        if (signal.aborted) return;
        call.emit("error", fail(error, { requestId: caller.requestId, path: call.getPath(), events }));
      } finally {
        giveBack();
      }
    };
    void respond();
  };
}

function fail(
  error: unknown,
  { requestId, path, events }: { requestId: string; path: string; events: CallEvents },
): CallStatus {
  const shown = shownError(error);
  const { status } = errorCatalog[shown.code];
  events.requestFailed({ requestId, method: "gRPC", route: path, status, code: shown.code, error });
  return statusOf(shown, requestId);
}
