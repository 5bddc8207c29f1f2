import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PrivateKeyPem } from "../../src/pki/keys.ts";
import { failure } from "../support/call-failure.ts";
import { writeCertificates } from "../support/certificates.ts";
import { type ExecutorClient, executorClient } from "../support/executor-client.ts";
import { type InProcessServer, startInProcessServer } from "../support/in-process-server.ts";
import { type TempFolder, tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

let temp: TempFolder;
let server: InProcessServer;
let open: AsyncDisposableStack;
beforeEach(() => {
  temp = tempFolder();
  open = new AsyncDisposableStack();
});
afterEach(async () => {
  await open.disposeAsync();
  await temp[Symbol.asyncDispose]();
});

const text = (...path: string[]): string => readFileSync(join(temp.path, ...path), "utf8");

async function start(env: Record<string, string> = {}): Promise<void> {
  const doors = { BERTH_GRPC_ADDRESS: "127.0.0.1:0", BERTH_GRPC_CERTS: join(temp.path, "certs") };
  server = open.use(await startInProcessServer({ ...doors, ...env }));
}

/** Of the authority in that folder; the server's own is that of `certs`. */
function client(folder: string, name: string): ExecutorClient {
  const pair = {
    key: new PrivateKeyPem(text(folder, name, "client.key")),
    chainPem: text(folder, name, "client.crt"),
  };
  return open.use(executorClient(server.grpcPort, { roots: text("certs", name, "ca.crt"), pair }));
}

describe("an authority that is not ours", () => {
  it("whose certificates are taken away ends what its clients follow, at once, and nothing of others", async () => {
    await writeCertificates(join(temp.path, "certs"), { clients: ["ann", "bob"] });
    await writeCertificates(join(temp.path, "old"), { clients: ["ann"] });
    const own = text("certs", "ca.crt");
    writeFileSync(join(temp.path, "certs/ca.crt"), own + text("old", "ca.crt"));
    await start();
    const ann = client("old", "ann");
    const bob = client("certs", "bob");
    const ended = { ann: null as ServiceError | null, bob: null as ServiceError | null };
    for (const [name, who] of [
      ["ann", ann],
      ["bob", bob],
    ] as const) {
      const { executionId } = await who.call("executeCommand", {
        command: "fake",
        args: ["print=x", "hang"],
      });
      const stream = who.open("getOutStream", { executionId });
      stream.on("error", (error: ServiceError) => (ended[name] = error));
      await once(stream, "data");
    }
    writeFileSync(join(temp.path, "certs/ca.crt"), own);
    await until(() => ended.ann !== null, { what: "the end of what was followed" });
    expect(ended.ann).toMatchObject({
      code: status.UNAUTHENTICATED,
      details: expect.stringContaining("not trusted any more") as string,
    });
    // Nor is anything begun on the connection that is still there.
    expect((await failure(ann.call("listAllExecutions", {}))).code).not.toBe(status.OK);
    expect(ended.bob).toBeNull();
    expect((await bob.call("listAllExecutions", {})).executions).toHaveLength(1);
  });

  it("cannot make anybody the administrator, or whoever runs jobs in a process of their own", async () => {
    await writeCertificates(join(temp.path, "certs"), { clients: ["admin", "executor", "Admin"] });
    await start();
    await server.api.submit({ command: "fake", args: ["print=secret"] });
    for (const name of ["admin", "executor"]) {
      const error = await failure(client("certs", name).call("listAllExecutions", {}));
      expect(error).toMatchObject({
        code: status.UNAUTHENTICATED,
        details: expect.stringContaining("BERTH_GRPC_BIND") as string,
      });
    }
    expect((await client("certs", "Admin").call("listAllExecutions", {})).executions).toEqual([]);
  });

  it("may name the administrator where the operator binds the name: the administrator's jobs, and no more", async () => {
    await writeCertificates(join(temp.path, "certs"), { clients: ["admin", "ann"] });
    await start({ BERTH_GRPC_BIND: "admin" });
    const { id } = await server.api.submit({ command: "fake", args: ["print=x"] });
    await client("certs", "ann").call("executeCommand", { command: "fake" });
    const { executions } = await client("certs", "admin").call("listAllExecutions", {});
    expect(executions.map(({ executionId }) => executionId?.value)).toEqual([id]);
  });
});
