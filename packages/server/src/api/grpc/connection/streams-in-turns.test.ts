import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { type sendUnaryData, Server, ServerCredentials, ServerInterceptingCall } from "@grpc/grpc-js";
import { expect, it, vi } from "vitest";
import { makeCallsInTurns } from "./streams-in-turns.ts";

interface Door extends Disposable {
  readonly client: ClientHttp2Session;
  /** Calls made in each round of the event loop. */
  readonly made: number[];
}

const say = {
  path: "/parrot.Parrot/Say",
  requestStream: false,
  responseStream: false,
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
};

async function openDoor(): Promise<Door> {
  const made = [0];
  let isOver = false;
  const turn = (): void => {
    made.push(0);
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const count = (
    _: unknown,
    call: ConstructorParameters<typeof ServerInterceptingCall>[0],
  ): ServerInterceptingCall => {
    made[made.length - 1] = (made.at(-1) ?? 0) + 1;
    return new ServerInterceptingCall(call);
  };
  const server = new Server({ interceptors: [count], "grpc.enable_channelz": 0 });
  server.addService(
    { Say: say },
    { Say: (_: unknown, answer: sendUnaryData<Buffer>) => answer(null, Buffer.alloc(0)) },
  );
  makeCallsInTurns(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const client = connect(`http://127.0.0.1:${port}`);
  await once(client, "remoteSettings");
  return {
    client,
    made,
    [Symbol.dispose]() {
      isOver = true;
      client.destroy();
      server.forceShutdown();
    },
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

const open = (client: ClientHttp2Session) =>
  client
    .request({ ":method": "POST", ":path": say.path, "content-type": "application/grpc", te: "trailers" })
    .on("error", () => undefined)
    .end(Buffer.alloc(5));

it("makes a few calls in each round of the event loop, however many streams one read brings", async () => {
  using door = await openDoor();
  const streams = Array.from({ length: 400 }, () => open(door.client));
  await Promise.all(streams.map((stream) => once(stream.resume(), "close")));
  expect(sum(door.made)).toBe(400);
  expect(Math.max(...door.made)).toBeLessThanOrEqual(8);
});

it("makes no call of a stream whose client went before its turn", async () => {
  using door = await openDoor();
  for (let n = 0; n < 400; n += 1) open(door.client);
  await vi.waitUntil(() => sum(door.made) > 0, { interval: 0 });
  door.client.destroy();
  const rounds = door.made.length;
  await vi.waitUntil(() => door.made.length > rounds + 500, { interval: 1 });
  expect(sum(door.made)).toBeLessThan(400);
});
