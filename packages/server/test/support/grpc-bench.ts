import { promisify } from "node:util";
import { create } from "@bufbuild/protobuf";
import {
  ExecutionInfoReplySchema,
  ExecutorService,
  file_executor,
  OutChunkSchema,
} from "@berth/protocol/executor";
import { grpcService } from "@berth/protocol/grpc-service";
import {
  type Client,
  credentials,
  makeGenericClientConstructor,
  Server,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { readClientCertificate } from "../../src/api/grpc/client-certificate.ts";
import { addHealth, type Health } from "../../src/api/grpc/health.ts";
import { addReflection } from "../../src/api/grpc/reflection.ts";
import { MutualTlsCredentials } from "../../src/api/grpc/tls.ts";
import type { ServerCredentialsSource } from "../../src/pki/credentials/server-credentials.ts";
import type { IssuedPair } from "../../src/pki/issue.ts";

/** A real gRPC server that tells who calls: `GetExecution` answers with the caller as owner. */
export interface GrpcBench extends AsyncDisposable {
  /** Of `localhost`. */
  port: number;
  health: Health;
  /** Lets the streams of `GetOutStream` send another chunk. */
  send: () => void;
}

export async function openGrpcBench(source: ServerCredentialsSource): Promise<GrpcBench> {
  const server = new Server();
  const health = addHealth(server, [ExecutorService.typeName]);
  addReflection(server, [file_executor]);
  const senders = new Set<() => void>();
  server.addService(grpcService(ExecutorService), echo(senders));
  const tls = new MutualTlsCredentials(source);
  const port = await promisify(server.bindAsync.bind(server))("localhost:0", tls);
  return {
    port,
    health,
    send: () => {
      for (const send of senders) send();
    },
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
      tls[Symbol.dispose]();
    },
  };
}

type Call = Parameters<typeof readClientCertificate>[0];

function echo(senders: Set<() => void>): UntypedServiceImplementation {
  return {
    getExecution(call: { getAuthContext(): Call }, answer: (error: null, value: unknown) => void) {
      const { cn, serial } = readClientCertificate(call.getAuthContext());
      answer(null, create(ExecutionInfoReplySchema, { owner: cn, labels: { serial } }));
    },
    getOutStream(call: { write(value: unknown): void; on(event: "close", then: () => void): void }) {
      const send = (): void => call.write(create(OutChunkSchema, { bytes: Buffer.from("x") }));
      senders.add(send);
      call.on("close", () => senders.delete(send));
      send();
    },
  };
}

export interface Credentials {
  roots: string;
  pair?: Pick<IssuedPair, "key" | "chainPem">;
}

/** A client with these certificates, which closes itself when disposed. */
export function connect(port: number, { roots, pair }: Credentials): Client & Disposable {
  const Executor = makeGenericClientConstructor({}, "ExecutorService");
  const pem = pair && { key: Buffer.from(pair.key.reveal()), chain: Buffer.from(pair.chainPem) };
  const secure = credentials.createSsl(Buffer.from(roots), pem?.key ?? null, pem?.chain ?? null);
  const client = new Executor(`localhost:${port}`, secure);
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

export interface Caller {
  owner: string;
  serial: string;
}

/** Who the server says is calling; rejects with the call's status. */
export async function whoAmI(client: Client): Promise<Caller> {
  const { path, requestSerialize, responseDeserialize } = grpcService(ExecutorService).getExecution;
  const request = { $typeName: "ExecutionIdRequest", offset: 0n, stream: 0 } as const;
  const { promise, resolve, reject } = Promise.withResolvers<Caller>();
  const deadline = Date.now() + 10_000;
  client.makeUnaryRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    { deadline },
    (error, reply) => {
      if (reply) resolve({ owner: reply.owner, serial: reply.labels["serial"] ?? "" });
      else reject(error);
    },
  );
  return promise;
}
