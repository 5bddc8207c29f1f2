import type { MessageShape } from "@bufbuild/protobuf";
import { type ExecutionIdRequest, ExecutorService } from "@berth/protocol/executor";
import { grpcService } from "@berth/protocol/grpc-service";
import type { handleServerStreamingCall, handleUnaryCall } from "@grpc/grpc-js";
import type { LogChunk } from "../../logs/log-store.ts";
import type { Context } from "../../operations/context.ts";
import type { Events } from "../../telemetry/events.ts";
import { executeCommand } from "./calls/execute-command.ts";
import { extendExecution } from "./calls/extend-execution.ts";
import { getExecution } from "./calls/get-execution.ts";
import { getOutStream } from "./calls/get-out-stream.ts";
import { listAllExecutions, listExecutions } from "./calls/list-executions.ts";
import { stopExecution } from "./calls/stop-execution.ts";
import { watchExecution } from "./calls/watch-execution.ts";
import { encodeOutChunk } from "./messages/out-chunk.ts";
import { streaming, unary } from "./serve.ts";

type Methods = typeof ExecutorService.method;
type Handler<Method extends Methods[keyof Methods]> = Method["methodKind"] extends "server_streaming"
  ? handleServerStreamingCall<MessageShape<Method["input"]>, MessageShape<Method["output"]>>
  : handleUnaryCall<MessageShape<Method["input"]>, MessageShape<Method["output"]>>;
type Implementation = { [Name in Exclude<keyof Methods, "getOutStream">]: Handler<Methods[Name]> } & {
  getOutStream: handleServerStreamingCall<ExecutionIdRequest, LogChunk>;
};

const service = grpcService(ExecutorService);

/** As generated, but for output, which has an encoder of its own. */
export const executorDefinition = {
  ...service,
  getOutStream: { ...service.getOutStream, responseSerialize: encodeOutChunk },
};

/** Every call of the wire, with the operation of the contract that it is. */
export function executorService(context: Context, events: Pick<Events, "requestFailed">): Implementation {
  const read = { operation: "getJob", events } as const;
  const list = { operation: "listJobs", events } as const;
  return {
    executeCommand: unary({ operation: "submitJob", events }, (request, caller) =>
      executeCommand(context, request, caller),
    ),
    stopExecution: unary({ operation: "stopJob", events }, (request, caller) =>
      stopExecution(context, request, caller),
    ),
    extendExecution: unary({ operation: "extendJob", events }, (request, caller) =>
      extendExecution(context, request, caller),
    ),
    getExecution: unary(read, (request, caller) => getExecution(context, request, caller)),
    listAllExecutions: unary(list, (_request, caller) => listAllExecutions(context, caller)),
    listExecutions: unary(list, (request, caller) => listExecutions(context, request, caller)),
    getOutStream: streaming({ operation: "readOutput", events }, (request, caller) =>
      getOutStream(context, request, caller),
    ),
    watchExecution: streaming({ operation: "watchJob", events }, (request, caller) =>
      watchExecution(context, request, caller),
    ),
  };
}
