import { promisify } from "node:util";
import { create } from "@bufbuild/protobuf";
import { ExecutorService, OutChunkSchema } from "@berth/protocol/executor";
import { grpcService } from "@berth/protocol/grpc-service";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { openPkiBench } from "../../server/test/support/pki-bench.ts";
import { issueClient, issueServer } from "../../server/src/pki/issue.ts";
import { Berth } from "../src/index.ts";
import { grpc } from "../src/grpc/grpc.ts";

const key = "ec-p256";
const text = "hello";

interface OutStream {
  request: { offset: bigint };
  write(chunk: unknown): void;
  end(): void;
  emit(event: "error", error: { code: number; details: string }): void;
}

describe("output over a connection that the server cuts", () => {
  it.each([
    ["as grpc-js does after a drain", status.CANCELLED],
    ["by its end", status.UNAVAILABLE],
  ])("goes on at the byte where it was, cut %s", async (_how, code) => {
    await using pki = await openPkiBench();
    const own = await issueServer(pki, { key });
    const client = await issueClient(pki, { principal: "ann", key });
    const server = new Server();
    const getOutStream = (call: OutStream): void => {
      const offset = Number(call.request.offset);
      const bytes = Buffer.from(text[offset] ?? "");
      if (bytes.length > 0) call.write(create(OutChunkSchema, { bytes, offset: BigInt(offset) }));
      if (offset === text.length) call.end();
      else call.emit("error", { code, details: "cut" });
    };
    server.addService(grpcService(ExecutorService), { getOutStream });
    const pem = (one: string): Buffer => Buffer.from(one);
    const port = await promisify(server.bindAsync.bind(server))(
      "localhost:0",
      ServerCredentials.createSsl(pem(pki.ca.roots), [
        { private_key: pem(own.key.reveal()), cert_chain: pem(own.chainPem) },
      ]),
    );
    using transport = grpc({
      target: `localhost:${port}`,
      ca: pki.ca.roots,
      certificate: client.chainPem,
      key: client.key.reveal(),
    });
    const pieces: string[] = [];
    for await (const { data } of new Berth({ transport }).jobs.handle("j").output())
      pieces.push(Buffer.from(data).toString());
    expect(pieces.join("")).toBe(text);
    server.forceShutdown();
  });
});
