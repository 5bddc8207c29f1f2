import type { DescMethod, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { ExecutorService } from "@berth/protocol/executor";
import { grpcService } from "@berth/protocol/grpc-service";
import type { ClientReadableStream } from "@grpc/grpc-js";
import { connect, type Credentials } from "./grpc-bench.ts";

type Methods = typeof ExecutorService.method;
type Of<Kind extends DescMethod["methodKind"]> = {
  [Name in keyof Methods]: Methods[Name]["methodKind"] extends Kind ? Name : never;
}[keyof Methods];
type Request<Name extends keyof Methods> = MessageInitShape<Methods[Name]["input"]>;
type Response<Name extends keyof Methods> = MessageShape<Methods[Name]["output"]>;

/** Longer than any call of a test takes; one that hangs fails the test and not the run. */
const deadlineMs = 60_000;

/** A client of the executor over mutual TLS. Rejects with the status of a call that failed. */
export interface ExecutorClient extends Disposable {
  call<Name extends Of<"unary">>(
    name: Name,
    request: Request<Name>,
    options?: CallOptions,
  ): Promise<Response<Name>>;
  /** A server's stream as it comes: an async iterable that can be canceled. */
  open<Name extends Of<"server_streaming">>(
    name: Name,
    request: Request<Name>,
    options?: CallOptions,
  ): ClientReadableStream<Response<Name>>;
}

interface CallOptions {
  deadlineMs?: number;
}

export function executorClient(port: number, credentials: Credentials): ExecutorClient {
  const client = connect(port, credentials);
  const service = grpcService(ExecutorService);
  return {
    call: (name, request, options = {}) => {
      const method = service[name];
      const deadline = Date.now() + (options.deadlineMs ?? deadlineMs);
      const answer = Promise.withResolvers<Response<typeof name>>();
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize as (message: unknown) => Buffer,
        method.responseDeserialize,
        create(ExecutorService.method[name].input, request as never),
        { deadline },
        (error, reply) => (reply === undefined ? answer.reject(error) : answer.resolve(reply)),
      );
      return answer.promise;
    },
    open: (name, request, options = {}) => {
      const method = service[name];
      return client.makeServerStreamRequest(
        method.path,
        method.requestSerialize as (message: unknown) => Buffer,
        method.responseDeserialize,
        create(ExecutorService.method[name].input, request as never),
        { deadline: Date.now() + (options.deadlineMs ?? deadlineMs) },
      );
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}
