import { create, type DescMethod, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { ExecutorService } from "@berth/protocol/executor";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "@berth/protocol/grpc-health";
import { type GrpcMethod, grpcService } from "@berth/protocol/grpc-service";
import {
  type CallOptions,
  type Client,
  type ClientReadableStream,
  credentials,
  makeGenericClientConstructor,
} from "@grpc/grpc-js";
import { callError } from "./call-error.ts";

type Methods = typeof ExecutorService.method;
type NameOf<Kind extends DescMethod["methodKind"]> = {
  [Name in keyof Methods]: Methods[Name]["methodKind"] extends Kind ? Name : never;
}[keyof Methods];
type Request<Name extends keyof Methods> = MessageInitShape<Methods[Name]["input"]>;
type Response<Name extends keyof Methods> = MessageShape<Methods[Name]["output"]>;

const executor = grpcService(ExecutorService);
const health = grpcService(Health);

export interface CallsOptions {
  target: string;
  ca: string | Uint8Array;
  certificate: string | Uint8Array;
  key: string | Uint8Array;
  folder?: string | undefined;
  userAgent: string;
}

interface UnaryOptions {
  /** Longest time until the answer is there, in milliseconds. Default: as long as it takes. */
  timeoutMs?: number;
  signal: AbortSignal | undefined;
}

/** The calls of the executor over mutual TLS, each made once. Every failure is a BerthError. */
export class Calls {
  readonly target: string;
  readonly #client: Client;
  readonly #where: { target: string; folder: string | undefined };
  #connecting: Promise<void> | null = null;

  constructor({ target, ca, certificate, key, folder, userAgent }: CallsOptions) {
    this.target = target;
    this.#where = { target, folder };
    const Executor = makeGenericClientConstructor({}, ExecutorService.typeName);
    const secure = credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(certificate));
    this.#client = new Executor(target, secure, {
      "grpc.enable_channelz": 0,
      "grpc.primary_user_agent": userAgent,
      // Listings come in messages of up to 4 MiB, output in a steady stream.
      "grpc.max_receive_message_length": 8 * 2 ** 20,
      "grpc-node.flow_control_window": 4 * 2 ** 20,
      // A line that dies without a word would be waited for as long as the job may run.
      "grpc.keepalive_time_ms": 20_000,
      "grpc.keepalive_timeout_ms": 10_000,
    });
  }

  unary<Name extends NameOf<"unary">>(
    name: Name,
    request: Request<Name>,
    options: UnaryOptions,
  ): Promise<Response<Name>> {
    const message = create(ExecutorService.method[name].input, request as never);
    return this.#unary(executor[name] as GrpcMethod<unknown, Response<Name>>, message, options);
  }

  async isServing(options: UnaryOptions): Promise<boolean> {
    const message = create(Health.method.check.input, {});
    return (await this.#unary(health.check, message, options)).status === Serving.SERVING;
  }

  /** Messages as they come; leaving the loop ends the call. Resolves once there is a connection. */
  async stream<Name extends NameOf<"server_streaming">>(
    name: Name,
    request: Request<Name>,
    { signal }: { signal: AbortSignal },
  ): Promise<AsyncIterable<Response<Name>>> {
    const { path, requestSerialize, responseDeserialize } = executor[name] as GrpcMethod<
      unknown,
      Response<Name>
    >;
    const message = create(ExecutorService.method[name].input, request as never);
    const call = this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, message);
    const life = lifeOf(call, signal);
    await Promise.race([this.#connected(), life.over]);
    if (life.failure() !== null) throw this.#errorOf(life.failure(), signal);
    return this.#messages(call, { failure: life.failure, signal });
  }

  close(): void {
    this.#client.close();
  }

  async *#messages<Message>(
    call: ClientReadableStream<Message>,
    { failure, signal }: { failure: () => unknown; signal: AbortSignal },
  ): AsyncGenerator<Message, void> {
    try {
      for await (const message of call) yield message as Message;
    } catch (error) {
      throw this.#errorOf(error, signal);
    } finally {
      call.cancel();
    }
    if (failure() !== null) throw this.#errorOf(failure(), signal);
  }

  #unary<Asked, Reply>(
    { path, requestSerialize, responseDeserialize }: GrpcMethod<Asked, Reply>,
    message: Asked,
    { timeoutMs, signal }: UnaryOptions,
  ): Promise<Reply> {
    const options: CallOptions = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
    return new Promise((resolve, reject) => {
      const cancel = (): void => call.cancel();
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        options,
        (error, reply) => {
          signal?.removeEventListener("abort", cancel);
          if (reply !== undefined) resolve(reply);
          else reject(this.#errorOf(error, signal));
        },
      );
      if (signal?.aborted === true) cancel();
      else signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  /** Without a deadline: one would hold up a program that ends. */
  /** One wait for all: each would stay where its own call has failed meanwhile. */
  #connected(): Promise<void> {
    this.#connecting ??= new Promise<void>((resolve) => {
      this.#client.waitForReady(Number.POSITIVE_INFINITY, (error) => {
        if (error === undefined) resolve();
      });
    }).finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  #errorOf(error: unknown, signal: AbortSignal | undefined): Error {
    return signal?.aborted === true ? (signal.reason as Error) : callError(error, this.#where);
  }
}

/** Follows a call from its begin: it may fail before anybody reads it. */
function lifeOf(
  call: ClientReadableStream<unknown>,
  signal: AbortSignal,
): { over: Promise<void>; failure: () => unknown } {
  let failure: unknown = null;
  const cancel = (): void => call.cancel();
  const over = new Promise<void>((resolve) => {
    call.once("error", (error) => {
      failure = error;
      resolve();
    });
    call.once("status", () => {
      signal.removeEventListener("abort", cancel);
      resolve();
    });
  });
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return { over, failure: () => failure };
}
