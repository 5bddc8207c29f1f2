import type { MessageShape } from "@bufbuild/protobuf";
import type { Empty } from "@bufbuild/protobuf/wkt";
import {
  type ExecuteReply,
  type ExecuteRequest,
  type ExecutionIdRequest,
  ExecutorService,
  type ListExecutionsRequest,
} from "@berth/protocol/executor";
import { grpcService } from "@berth/protocol/grpc-service";
import type { handleServerStreamingCall, handleUnaryCall } from "@grpc/grpc-js";
import { onLoop } from "../../lib/on-loop.ts";
import type { Context } from "../../operations/context.ts";
import { executeCommand } from "./calls/execute-command.ts";
import { extendExecution } from "./calls/extend-execution.ts";
import { getExecution } from "./calls/get-execution.ts";
import { getOutStream } from "./calls/get-out-stream.ts";
import { listAllExecutions, listExecutions } from "./calls/list-executions.ts";
import { stopExecution } from "./calls/stop-execution.ts";
import { watchExecution } from "./calls/watch-execution.ts";
import type { LargeInfos } from "./large/large-infos.ts";
import { isLarge, LargeRequest, type RequestReader } from "./large/large-request.ts";
import { encodeExecutionList, type ExecutionList } from "./messages/execution-list.ts";
import { type InPieces, joinPieces } from "./messages/in-pieces.ts";
import { type Rules, streaming, unary } from "./serve.ts";

type Methods = typeof ExecutorService.method;
type Handler<Method extends Methods[keyof Methods]> = Method["methodKind"] extends "server_streaming"
  ? handleServerStreamingCall<MessageShape<Method["input"]>, MessageShape<Method["output"]>>
  : handleUnaryCall<MessageShape<Method["input"]>, MessageShape<Method["output"]>>;
/** Calls whose answers have encoders of their own, or whose requests may stay as they came. */
type Encoded = "executeCommand" | "getOutStream" | "listAllExecutions" | "listExecutions";
type Implementation = { [Name in Exclude<keyof Methods, Encoded>]: Handler<Methods[Name]> } & {
  executeCommand: handleUnaryCall<ExecuteRequest | LargeRequest, ExecuteReply>;
  getOutStream: handleServerStreamingCall<ExecutionIdRequest, InPieces>;
  listAllExecutions: handleUnaryCall<Empty, ExecutionList>;
  listExecutions: handleUnaryCall<ListExecutionsRequest, ExecutionList>;
};

const service = grpcService(ExecutorService);

/** As generated, but for output and lists, which have encoders of their own. */
export const executorDefinition = {
  ...service,
  executeCommand: { ...service.executeCommand, requestDeserialize: readRequest },
  getOutStream: { ...service.getOutStream, responseSerialize: joinPieces },
  listAllExecutions: { ...service.listAllExecutions, responseSerialize: encodeExecutionList },
  listExecutions: { ...service.listExecutions, responseSerialize: encodeExecutionList },
};

function readRequest(bytes: Uint8Array): ExecuteRequest | LargeRequest {
  return onLoop("gRPC submitJob: read", () =>
    isLarge(bytes) ? new LargeRequest(bytes) : service.executeCommand.requestDeserialize(bytes),
  );
}

/** Where what is large is done. */
export interface Threads {
  reader: RequestReader;
  infos: LargeInfos;
}

/** Every call of the wire, with the operation of the contract that it is. */
export function executorService(
  context: Context,
  { events, allowance, reader, infos }: Pick<Rules, "events" | "allowance"> & Threads,
): Implementation {
  const { turns, access } = context;
  const rules = (operation: Rules["operation"]): Rules => ({
    operation,
    events,
    allowance,
    turns,
    access,
  });
  return {
    executeCommand: unary(rules("submitJob"), (request, call) =>
      executeCommand({ context, reader, infos }, request, call),
    ),
    stopExecution: unary(rules("stopJob"), (request, call) => stopExecution(context, request, call)),
    extendExecution: unary(rules("extendJob"), (request, call) =>
      extendExecution({ context, infos }, request, call),
    ),
    getExecution: unary(rules("getJob"), (request, call) => getExecution({ context, infos }, request, call)),
    listAllExecutions: unary(rules("listJobs"), (_request, call) =>
      listAllExecutions({ context, infos }, call),
    ),
    listExecutions: unary(rules("listJobs"), (request, call) =>
      listExecutions({ context, infos }, request, call),
    ),
    getOutStream: streaming(rules("readOutput"), (request, call) => getOutStream(context, request, call)),
    watchExecution: streaming(rules("watchJob"), (request, call) => watchExecution(context, request, call)),
  };
}
