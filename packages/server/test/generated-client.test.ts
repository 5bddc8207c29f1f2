import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InProcessServer, startInProcessServer } from "./support/in-process-server.ts";
import { until } from "./support/until.ts";

const run = promisify(execFile);
const client = resolve(import.meta.dirname, "../../../e2e/generated-client");

let server: InProcessServer;
beforeAll(async () => {
  server = await startInProcessServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe("a client that a generator makes of the OpenAPI document", () => {
  it("compiles as strictly as compilers can", async () => {
    const tsc = resolve(import.meta.dirname, "../../../node_modules/.bin/tsc");
    await expect(run(tsc, ["--project", client])).resolves.toMatchObject({ stdout: "" });
  });

  it("does on a real server what its types say", async () => {
    await until(async () => (await fetch(`${server.url}/readyz`)).ok, { what: "a ready server" });
    const token = server.api.authorization.slice("Bearer ".length);
    const env = { BERTH_URL: server.url, BERTH_TOKEN: token };
    const { stdout } = await run(process.execPath, [join(client, "use-api.ts")], { env });
    expect(JSON.parse(stdout)).toEqual({
      state: "succeeded",
      cause: "exit",
      stdout: "fake: true\n",
      sameJob: true,
      listed: [true],
      byCommas: 0,
      labeled: 0,
      events: ["queued", "preparing", "running", "succeeded by exit"],
      output: 2,
      refused: ["command"],
      missing: "RESULT_NOT_FOUND",
      stopped: 202,
      ready: "ready",
      deleted: 204,
    });
  });
});
