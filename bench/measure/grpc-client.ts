import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  type ExecuteReply,
  type ExecutionInfoReply,
  ExecuteRequestSchema,
  ExecutionIdRequestSchema,
  ExecutorService,
} from "@berth/protocol/executor";
import { grpcService } from "@berth/protocol/grpc-service";
import { type Client, credentials, makeGenericClientConstructor } from "@grpc/grpc-js";

const service = grpcService(ExecutorService);

/** The least a gRPC client can be, on one connection with mutual TLS. */
export class GrpcClient implements Disposable {
  readonly #client: Client;

  /** `certs` holds what `scripts/generate-certs.sh` makes. */
  constructor({ port, certs }: { port: number; certs: string }) {
    const [ca, key, cert] = ["ca.crt", "client1.key", "client1.crt"].map((name) =>
      readFileSync(join(certs, name)),
    );
    const Executor = makeGenericClientConstructor({}, "ExecutorService");
    const secure = credentials.createSsl(ca ?? null, key ?? null, cert ?? null);
    this.#client = new Executor(`localhost:${port}`, secure, {
      "grpc.enable_channelz": 0,
      "grpc-node.flow_control_window": 4 * 2 ** 20,
    });
  }

  /** Starts a command and answers at its end. Throws when it did not succeed. */
  async execute(command: readonly [string, ...string[]]): Promise<string> {
    const [program, ...args] = command;
    const method = service.executeCommand;
    const request = create(ExecuteRequestSchema, { command: program, args, waitMs: 600_000 });
    const { executionId, execution } = await new Promise<ExecuteReply>((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        (error, answer) => (answer === undefined ? reject(error ?? new Error("No answer")) : resolve(answer)),
      );
    });
    if (execution?.state !== "succeeded") throw new Error(`The command is ${execution?.state}`);
    return executionId?.value ?? "";
  }

  get(id: string): Promise<ExecutionInfoReply> {
    const method = service.getExecution;
    const request = create(ExecutionIdRequestSchema, { executionId: { value: id } });
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        (error, answer) => (answer === undefined ? reject(error ?? new Error("No answer")) : resolve(answer)),
      );
    });
  }

  /** Reads all output; how many bytes came. */
  async readOutput(id: string): Promise<number> {
    const method = service.getOutStream;
    const request = create(ExecutionIdRequestSchema, { executionId: { value: id } });
    const chunks = this.#client.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
    );
    let bytes = 0;
    for await (const chunk of chunks) bytes += (chunk as { bytes: Uint8Array }).bytes.length;
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
