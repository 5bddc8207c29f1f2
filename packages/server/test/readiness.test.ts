import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "@berth/protocol/grpc-health";
import { grpcService } from "@berth/protocol/grpc-service";
import { credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { placesOf } from "../src/engines/local/host/data-folders.ts";
import { writeCertificates } from "./support/certificates.ts";
import { type InProcessServer, startInProcessServer } from "./support/in-process-server.ts";
import { shell, startLocalServer } from "./support/local-server.ts";
import { tempFolder } from "./support/temp-folder.ts";
import { until } from "./support/until.ts";

async function readyz({ url }: { url: string }): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, text: await answer.text() };
}

const untilReady = (server: InProcessServer, status = 200): Promise<{ status: number; text: string }> =>
  until(
    async () => {
      const seen = await readyz(server);
      return seen.status === status && !seen.text.includes("probing") && seen;
    },
    { what: `the answer ${status} of /readyz` },
  );

describe("a server on the fake engine", () => {
  it("listens at once, is ready when a job of its own has run, and shows that job to nobody", async () => {
    await using server = await startInProcessServer();
    await untilReady(server);
    expect(await server.api.jobs()).toEqual([]);
    await until(() => readdirSync(join(server.dataDir, "fake")).length === 0, { what: "an empty engine" });
    expect(readdirSync(join(server.dataDir, "logs")).filter((name) => /^[0-9a-f]{8}-/.test(name))).toEqual(
      [],
    );
    expect(await (await server.api.request("/metrics")).text()).not.toMatch(
      /berth_jobs_ended_total\{.*\} [1-9]/,
    );
  });

  it("is ready again after a job failed on the host", async () => {
    await using server = await startInProcessServer();
    await untilReady(server);
    const { id } = await server.api.submit({ command: "fake", args: ["fail-start=engine"] });
    expect((await server.api.end(id)).cause?.code).toBe("engine_failed");
    await untilReady(server);
  });
});

describe("a server on the local engine", () => {
  it("is ready as jobs run, and not ready once its run folder is gone", async () => {
    await using server = await startLocalServer("readiness");
    if (server === null) return;
    await untilReady(server);
    expect(await server.api.jobs()).toEqual([]);
    rmSync(placesOf(server.dataDir).run, { recursive: true, force: true });
    const { job } = await server.run(shell("true"));
    expect(job).toMatchObject({ state: "failed", cause: { code: "engine_failed" } });
    const { text } = await untilReady(server, 503);
    expect(JSON.parse(text)).toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: expect.stringMatching(/^Cannot take jobs: a job of the server's own failed: /) as string,
    });
  });

  it.each([
    ["is not there", "/nonexistent/crun"],
    ["does nothing", "/bin/false"],
  ])("starts and is never ready where the runtime %s", async (_, runtime) => {
    await using server = await startLocalServer("readiness", { BERTH_RUNTIME: runtime });
    if (server === null) return;
    const { text } = await untilReady(server, 503);
    expect(JSON.parse(text)).toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe("a server with a door for gRPC", () => {
  it.each([
    ["has run a job of its own", "/usr/bin/crun", 200, ServingStatus.SERVING],
    ["cannot run any", "/bin/false", 503, ServingStatus.NOT_SERVING],
  ])("says of its health that it %s", async (_, runtime, status, wanted) => {
    await using folder = tempFolder();
    const certs = join(folder.path, "certs");
    await writeCertificates(certs, { clients: ["ann"] });
    await using server = await startLocalServer("readiness over gRPC", {
      BERTH_RUNTIME: runtime,
      BERTH_GRPC_ADDRESS: "localhost:0",
      BERTH_GRPC_CERTS: certs,
    });
    if (server === null) return;
    await untilReady(server, status);
    expect(await healthOf(server.grpcPort, certs)).toBe(wanted);
  });
});

async function healthOf(port: number, certs: string): Promise<number> {
  const pem = (name: string): Buffer => readFileSync(join(certs, "ann", name));
  const Plain = makeGenericClientConstructor({}, "Health");
  const secure = credentials.createSsl(pem("ca.crt"), pem("client.key"), pem("client.crt"));
  const client = new Plain(`localhost:${port}`, secure);
  const { path, requestSerialize, responseDeserialize } = grpcService(Health).check;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  client.makeUnaryRequest(
    path,
    requestSerialize,
    responseDeserialize,
    create(HealthCheckRequestSchema, { service: "ExecutorService" }),
    (error, reply) => {
      if (reply) resolve(reply.status);
      else reject(error);
    },
  );
  return await promise.finally(() => client.close());
}
