import { execFile } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InProcessServer, startInProcessServer } from "./support/in-process-server.ts";
import { tempFolder } from "./support/temp-folder.ts";
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

  it("has a method for each task, whose body is checked as it compiles", async () => {
    await until(async () => (await fetch(`${server.url}/readyz`)).ok, { what: "a ready server" });
    const { authorization } = server.api;
    const post = (path: string, body: object) =>
      fetch(`${server.url}/api/v1/${path}`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const input = { type: "object", required: ["month"], properties: { month: { type: "string" } } };
    await post("runners", { name: "plain", spec: {} });
    await post("tasks", { name: "report", spec: { runner: "plain", command: ["fake", "env"], input } });
    const answer = await fetch(`${server.url}/api/v1/openapi.json`, { headers: { authorization } });
    await using folder = tempFolder();
    const at = (name: string): string => join(folder.path, name);
    await symlink(modules, at("node_modules"));
    await writeFile(at("package.json"), '{"type":"module"}');
    await writeFile(at("openapi.json"), await answer.text());
    await writeFile(at("use-task.ts"), USE_TASK);
    await writeFile(at("tsconfig.json"), JSON.stringify({ compilerOptions: STRICT, include: ["*.ts"] }));
    const generator = join(client, "node_modules/openapi-typescript/bin/cli.js");
    await run(process.execPath, [generator, at("openapi.json"), "--output", at("api.ts")]);
    await expect(run(join(modules, ".bin/tsc"), ["--project", folder.path])).resolves.toMatchObject({
      stdout: "",
    });
    const env = { BERTH_URL: server.url, BERTH_TOKEN: authorization.slice("Bearer ".length) };
    const { stdout } = await run(process.execPath, [at("use-task.ts")], { env });
    expect(JSON.parse(stdout)).toEqual(["succeeded", "report"]);
  });
});

const modules = resolve(import.meta.dirname, "../../../node_modules");
const STRICT = {
  target: "ES2024",
  module: "nodenext",
  moduleResolution: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  types: ["node"],
};

/** A month that is no text must not compile. */
const USE_TASK = `
import createClient from "openapi-fetch";
import type { paths } from "./api.ts";

const headers = { authorization: "Bearer " + process.env["BERTH_TOKEN"] };
const berth = createClient<paths>({ baseUrl: process.env["BERTH_URL"] ?? "", headers });
const params = { query: { wait: "20s" } };
const { data } = await berth.POST("/api/v1/tasks/report/run", { params, body: { month: "2026-01" } });
// @ts-expect-error
const wrong = () => berth.POST("/api/v1/tasks/report/run", { params, body: { month: 1 } });
void wrong;
console.log(JSON.stringify([data?.state, data?.task?.name]));
`;
