import {
  type ClientReadableStream,
  credentials,
  makeGenericClientConstructor,
  type MethodDefinition,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { InPieces } from "../messages/in-pieces.ts";
import { sendPieces } from "./send-pieces.ts";

const method: MethodDefinition<Buffer, InPieces> & { responseDeserialize: (bytes: Buffer) => never } = {
  path: "/test/Stream",
  requestStream: false,
  responseStream: true,
  requestSerialize: (bytes) => bytes,
  requestDeserialize: (bytes) => bytes,
  // To whom a message comes that was not sent from its pieces.
  responseSerialize: () => {
    throw new Error("grpc-js was to copy it");
  },
  responseDeserialize: (bytes) => bytes as never,
};

/** What grpc-js calls with a message, as the guard of calls has it. */
class Sending extends ServerInterceptingCall {
  readonly #inner: Parameters<ServerInterceptor>[1];

  constructor(inner: Parameters<ServerInterceptor>[1]) {
    super(inner);
    this.#inner = inner;
  }

  override sendMessage(message: unknown, callback: () => void): void {
    if (message instanceof InPieces && sendPieces(this.#inner, message, callback)) return;
    super.sendMessage(message, callback);
  }
}

type Call = ServerWritableStream<Buffer, InPieces>;

async function serve(
  handle: (call: Call) => void,
): Promise<AsyncDisposable & { call: () => ClientReadableStream<Buffer> }> {
  const server = new Server({ interceptors: [(_method, inner) => new Sending(inner)] });
  server.addService({ stream: method }, { stream: handle });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const client = new (makeGenericClientConstructor({}, "test"))(
    `127.0.0.1:${port}`,
    credentials.createInsecure(),
  );
  return {
    call: () =>
      client.makeServerStreamRequest(
        method.path,
        method.requestSerialize,
        (bytes: Buffer) => bytes,
        Buffer.alloc(0),
      ),
    async [Symbol.asyncDispose]() {
      client.close();
      await new Promise((resolve) => server.tryShutdown(resolve));
    },
  };
}

it("sends messages from where their pieces lie, whole and in order, and says when it has", async () => {
  const sizes = [0, 1, 16_384, 65_536, 3, 300_000];
  const bodies = sizes.map((size, index) => Buffer.alloc(size, `${index}`));
  const sent: number[] = [];
  await using server = await serve((call) => {
    for (const [index, body] of bodies.entries())
      call.write(new InPieces([Buffer.from("<"), body, Buffer.from(">")]), () => sent.push(index));
    call.end();
  });
  const messages = await Array.fromAsync(server.call());
  expect(messages.map(String)).toEqual(bodies.map((body) => `<${body.toString()}>`));
  expect(sent).toEqual(sizes.map((_, index) => index));
});

it("says of nothing that it was sent, once its client has gone", async () => {
  const gone = Promise.withResolvers<Call>();
  await using server = await serve((call) => {
    call.write(new InPieces([Buffer.from("first")]));
    call.once("cancelled", () => gone.resolve(call));
  });
  const reading = server.call();
  // That it was cancelled.
  reading.on("error", () => undefined);
  reading.once("data", () => reading.cancel());
  const call = await gone.promise;
  const told = Promise.withResolvers<Error | null | undefined>();
  call.write(new InPieces([Buffer.from("second")]), told.resolve);
  call.destroy(new Error("nobody is there"));
  expect(await told.promise).toBeInstanceOf(Error);
});
