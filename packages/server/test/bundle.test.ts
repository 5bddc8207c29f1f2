import { execFileSync } from "node:child_process";
import {
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openServerBench, type ServerBench } from "./support/server-bench.ts";
import type { ServerProcess } from "./support/server-process.ts";
import { type TempFolder, tempFolder } from "./support/temp-folder.ts";

const root = resolve(import.meta.dirname, "../../..");

/** A checkout with nothing but what starts the server: the launcher, the bundle, pid 1, and what is left to packages. */
let checkout: TempFolder;
let bench: ServerBench;
let server: ServerProcess;
const inCheckout = (...names: string[]): string => join(checkout.path, ...names);

beforeAll(async () => {
  checkout = tempFolder();
  bench = openServerBench("local");
  for (const folder of ["bin", "packages/server"]) mkdirSync(inCheckout(folder), { recursive: true });
  for (const path of ["bin/berth", "packages/server/package.json", "packages/server/native"])
    cpSync(join(root, path), inCheckout(path), { recursive: true });
  symlinkSync(join(root, "node_modules"), inCheckout("node_modules"));
  const script = join(root, "scripts/bundle-server.ts");
  execFileSync(process.execPath, [script, inCheckout("packages/server/bundle")]);
  const env = { BERTH_FROM_SOURCE: "", BERTH_GRPC_ADDRESS: "127.0.0.1:0" };
  server = await bench.start({ launcher: inCheckout("bin/berth"), env });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await checkout[Symbol.asyncDispose]();
});

/** Said by `server.ts` alone. */
const SAID = '"Server started"';

/** The program that the launcher becomes. */
const programOf = (pid: number): string =>
  realpathSync(
    readFileSync(`/proc/${pid}/cmdline`, "utf8")
      .split("\0")
      .find((word) => word.endsWith("/main.js")) ?? "",
  );

it("is what the launcher starts, and runs jobs with their input and output", async () => {
  expect(programOf(server.pid)).toBe(realpathSync(inCheckout("packages/server/bundle/commands/main.js")));
  const { id } = await server.api.submit({ command: "cat", stdin: "through\n" });
  expect(await server.api.end(id)).toMatchObject({ state: "succeeded" });
  expect(await server.api.output(id)).toBe("through\n");
  expect(server.grpcPort).not.toBeNull();
});

it("has every thread that the sources start, where they look for it, and starts them", async () => {
  const source = join(root, "packages/server/src");
  const threads = globSync("**/{thread,*-thread}.ts", { cwd: source });
  expect(threads.length).toBeGreaterThan(8);
  const bundled = globSync("**/*.js", { cwd: inCheckout("packages/server/bundle") });
  for (const path of threads) expect(bundled).toContain(path.replace(/ts$/, "js"));

  const large = "x".repeat(100_000);
  const { id } = await server.api.submit({ command: "sh", args: ["-c", "wc -c", large], stdin: large });
  await server.api.end(id);
  expect(await server.api.output(id)).toBe("100000\n");
  const names = globSync(`/proc/${server.pid}/task/*/comm`).map((path) => readFileSync(path, "utf8").trim());
  expect(names).toEqual(expect.arrayContaining(["berth-writer", "berth-body-read"]));
});

it("leaves to packages what reads files of its own: the pages of the API", async () => {
  const page = await server.api.request("/api/v1/docs/");
  expect(page.status).toBe(200);
  const asset = await server.api.request("/api/v1/docs/static/swagger-ui.css");
  expect(asset.headers.get("content-type")).toContain("text/css");
});

it("keeps lines, and maps by which Node says where in the sources they come from", () => {
  const parts = inCheckout("packages/server/bundle/parts");
  const files = globSync("*.js", { cwd: parts });
  const file = files.find((name) => readFileSync(join(parts, name), "utf8").includes(SAID)) ?? "";
  const lines = readFileSync(join(parts, file), "utf8").split("\n");
  const at = lines.findIndex((line) => line.includes(SAID));
  const payload = JSON.parse(readFileSync(join(parts, `${file}.map`), "utf8")) as SourceMapPayload;
  const column = lines[at]?.indexOf(SAID) ?? -1;
  const origin = new SourceMap(payload).findEntry(at, column);
  const path = "originalSource" in origin ? origin.originalSource : "";
  expect(path).toMatch(/packages\/server\/src\/server\.ts$/);
  expect(lines.length).toBeGreaterThan(1000);
});

it("gives way to what was built anew since", () => {
  const dist = inCheckout("packages/server/dist");
  mkdirSync(join(dist, "commands"), { recursive: true });
  writeFileSync(join(dist, "commands/main.js"), 'console.log("built anew");');
  writeFileSync(join(dist, ".tsbuildinfo"), "");
  const start = (): string => {
    const words = ["server", "--help"];
    return execFileSync(inCheckout("bin/berth"), words, {
      env: { PATH: process.env["PATH"] },
      encoding: "utf8",
    });
  };
  const longAgo = new Date(0);
  utimesSync(join(dist, ".tsbuildinfo"), longAgo, longAgo);
  expect(start()).toContain("berth server");
  const soon = new Date(Date.now() + 60_000);
  utimesSync(join(dist, ".tsbuildinfo"), soon, soon);
  expect(start()).toBe("built anew\n");
});
