import { create, type DescMethod, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import type { ConnectionChange } from "@berth/sdk";
import { ExecutorService } from "@berth/protocol/executor";
import { grpcService } from "@berth/protocol/grpc-service";
import { type Client, credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import type { Credentials } from "../core/settings/credentials.ts";
import { callError } from "./call-error.ts";

type Methods = typeof ExecutorService.method;
type NameOf<Kind extends DescMethod["methodKind"]> = {
  [Name in keyof Methods]: Methods[Name]["methodKind"] extends Kind ? Name : never;
}[keyof Methods];
type Request<Name extends keyof Methods> = MessageInitShape<Methods[Name]["input"]>;
type Response<Name extends keyof Methods> = MessageShape<Methods[Name]["output"]>;

const service = grpcService(ExecutorService);
/** A server that is not there is told after this time. */
const requestMs = 10_000;

/** The calls of the executor over mutual TLS. Every failure is a BerthError. */
export class Calls {
  readonly #client: Client;
  readonly #where: { target: string; folder: string };
  readonly #onConnection: ((change: ConnectionChange) => void) | undefined;
  #isAway = false;

  constructor(
    target: string,
    { folder, ca, certificate, key }: Credentials,
    { onConnection }: { onConnection?: ((change: ConnectionChange) => void) | undefined } = {},
  ) {
    this.#onConnection = onConnection;
    const Executor = makeGenericClientConstructor({}, ExecutorService.typeName);
    const secure = credentials.createSsl(ca, key, certificate);
    this.#where = { target, folder };
    this.#client = new Executor(target, secure, {
      "grpc.enable_channelz": 0,
      // Listings come in messages of up to 4 MiB, output in a steady stream.
      "grpc.max_receive_message_length": 8 * 2 ** 20,
      "grpc-node.flow_control_window": 4 * 2 ** 20,
      // A line that dies without a word would be waited for as long as the job may run.
      "grpc.keepalive_time_ms": 20_000,
      "grpc.keepalive_timeout_ms": 10_000,
    });
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  /** Notes what is known of the connection, and tells it where it is news. */
  connection(change: ConnectionChange): void {
    const isAway = change.state === "away";
    if (isAway !== this.#isAway) this.#onConnection?.(change);
    this.#isAway = isAway;
  }

  /** Whether a connection comes about within this time. */
  isReady(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.#client.waitForReady(Date.now() + withinMs, (error) => resolve(error === undefined));
    });
  }

  unary<Name extends NameOf<"unary">>(
    name: Name,
    request: Request<Name>,
    { signal, patient = false }: { signal?: AbortSignal | undefined; patient?: boolean } = {},
  ): Promise<Response<Name>> {
    const method = service[name];
    const answer = Promise.withResolvers<Response<Name>>();
    const call = this.#client.makeUnaryRequest(
      method.path,
      method.requestSerialize as (message: unknown) => Buffer,
      method.responseDeserialize,
      create(ExecutorService.method[name].input, request as never),
      patient ? {} : { deadline: Date.now() + requestMs },
      (error, reply) => {
        if (reply !== undefined) answer.resolve(reply);
        else answer.reject(signal?.aborted ? signal.reason : callError(error, this.#where));
      },
    );
    const cancel = (): void => call.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    return answer.promise.finally(() => signal?.removeEventListener("abort", cancel));
  }

  /** Messages as they come; leaving the loop ends the call. */
  async *stream<Name extends NameOf<"server_streaming">>(
    name: Name,
    request: Request<Name>,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<Response<Name>, void> {
    const method = service[name];
    const call = this.#client.makeServerStreamRequest(
      method.path,
      method.requestSerialize as (message: unknown) => Buffer,
      method.responseDeserialize,
      create(ExecutorService.method[name].input, request as never),
    );
    const cancel = (): void => call.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      for await (const message of call) yield message as Response<Name>;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw callError(error, this.#where);
    } finally {
      signal?.removeEventListener("abort", cancel);
      call.cancel();
    }
  }

  close(): void {
    this.#client.close();
  }
}
