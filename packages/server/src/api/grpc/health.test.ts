import { promisify } from "node:util";
import { create } from "@bufbuild/protobuf";
import {
  Health as HealthService,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
  HealthListRequestSchema,
} from "@berth/protocol/grpc-health";
import { grpcService } from "@berth/protocol/grpc-service";
import {
  type Client,
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
} from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addHealth, type Health } from "./health.ts";

let server: Server;
let client: Client;
let health: Health;
beforeEach(async () => {
  server = new Server();
  health = addHealth(server, ["ExecutorService"]);
  const port = await promisify(server.bindAsync.bind(server))(
    "localhost:0",
    ServerCredentials.createInsecure(),
  );
  const Plain = makeGenericClientConstructor({}, "Plain");
  client = new Plain(`localhost:${port}`, credentials.createInsecure());
});
afterEach(() => {
  client.close();
  server.forceShutdown();
});

const methods = grpcService(HealthService);

async function check(service: string): Promise<number> {
  const { path, requestSerialize, responseDeserialize } = methods.check;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = create(HealthCheckRequestSchema, { service });
  client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, reply) => {
    if (reply) resolve(reply.status);
    else reject(error);
  });
  return promise;
}

describe("the health of a server", () => {
  it("is that of each service and of the whole", async () => {
    expect(await Promise.all(["", "ExecutorService"].map(check))).toEqual([1, 1]);
    health.set(false);
    expect(await Promise.all(["", "ExecutorService"].map(check))).toEqual([2, 2]);
    await expect(check("Nobody")).rejects.toMatchObject({ code: 5 });
  });

  it("is told to whoever watches, whenever it changes", async () => {
    const { path, requestSerialize, responseDeserialize } = methods.watch;
    const request = create(HealthCheckRequestSchema, { service: "ExecutorService" });
    const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    const seen: number[] = [];
    for await (const { status } of stream as AsyncIterable<{ status: number }>) {
      seen.push(status);
      if (seen.length === 3) break;
      health.set(seen.length === 2);
    }
    expect(seen).toEqual([ServingStatus.SERVING, ServingStatus.NOT_SERVING, ServingStatus.SERVING]);
  });

  it("is listed for all services at once", async () => {
    const { path, requestSerialize, responseDeserialize } = methods.list;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    health.set(false);
    const request = create(HealthListRequestSchema);
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, reply) => {
      if (error) reject(error);
      else resolve(Object.entries(reply?.statuses ?? {}).map(([name, { status }]) => [name, status]));
    });
    expect(await promise).toEqual([
      ["", ServingStatus.NOT_SERVING],
      ["ExecutorService", ServingStatus.NOT_SERVING],
    ]);
  });

  it("is unknown to who watches a service that there is not, who is left waiting", async () => {
    const { path, requestSerialize, responseDeserialize } = methods.watch;
    const request = create(HealthCheckRequestSchema, { service: "Nobody" });
    const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    const seen: number[] = [];
    stream.on("data", ({ status }: { status: number }) => {
      seen.push(status);
      health.set(false);
      stream.cancel();
    });
    // The error is that the client has cancelled, and not that the server has ended.
    await expect(new Promise((_, reject) => stream.on("error", reject))).rejects.toMatchObject({ code: 1 });
    expect(seen).toEqual([ServingStatus.SERVICE_UNKNOWN]);
  });
});
