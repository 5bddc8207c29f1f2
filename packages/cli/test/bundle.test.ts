import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type * as MakeRequest from "../src/commands/certificate/make-request.ts";
import { ScriptedServer } from "../../sdk/test/support/scripted-server.ts";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../../..");

/** A checkout with nothing but what starts the client: the launcher, the bundle, and a Node in the PATH. */
let checkout: Awaited<ReturnType<typeof mkdtempDisposable>>;
let home: string;
const inCheckout = (...names: string[]): string => join(checkout.path, ...names);

beforeAll(async () => {
  checkout = await mkdtempDisposable(join(tmpdir(), "berth-bundle-"));
  for (const folder of ["bin", "path", "packages/cli/bin", "packages/cli/dist"])
    mkdirSync(inCheckout(folder), { recursive: true });
  for (const file of ["bin/berth", "packages/cli/bin/berth.cjs", "packages/cli/package.json"])
    copyFileSync(join(root, file), inCheckout(file));
  const script = join(root, "scripts/bundle-cli.ts");
  execFileSync(process.execPath, [script, inCheckout("packages/cli/dist/bundle")]);
  // Notes each start of a Node, then becomes the one that runs these tests.
  const node = `#!/bin/sh\necho start >> ${inCheckout("starts")}\nexec ${process.execPath} "$@"\n`;
  writeFileSync(inCheckout("path/node"), node, { mode: 0o755 });
});

afterAll(() => checkout[Symbol.asyncDispose]());

beforeEach(() => {
  home = inCheckout(`home-${Math.random()}`);
  mkdirSync(home);
  writeFileSync(inCheckout("starts"), "");
});

async function berth(
  words: string[],
  env: Record<string, string> = {},
): Promise<{ stdout: string; stderr: string }> {
  const path = `${inCheckout("path")}:/usr/bin:/bin`;
  return await run(inCheckout("bin/berth"), words, { env: { PATH: path, HOME: home, ...env } });
}

/** What Node has loaded when the command has ended: files, and the parts of Node itself. */
async function loadedBy(
  words: string[],
  env: Record<string, string>,
): Promise<{ files: string[]; parts: string[] }> {
  const spy = inCheckout("spy.cjs");
  const note = `process.on("exit", () => require("fs").writeSync(2, "\\nloaded " + JSON.stringify(
    { files: Object.keys(require.cache), parts: process.moduleLoadList })));`;
  writeFileSync(spy, note);
  const { stderr } = await berth(words, { ...env, NODE_OPTIONS: `--require ${spy}` });
  const { files, parts } = JSON.parse(/^loaded (.*)$/m.exec(stderr)?.[1] ?? "") as {
    files: string[];
    parts: string[];
  };
  return { files: files.filter((file) => file !== spy).map((file) => file.replace(/.*\//, "")), parts };
}

it("starts Node once, with one file of code, and without what is dear in Node: `fetch`, TLS, crypto", async () => {
  await using server = await new ScriptedServer().listen();
  server.add();
  const { files, parts } = await loadedBy(["list"], { BERTH_URL: server.url, BERTH_TOKEN: "t" });
  expect(files.toSorted()).toEqual(["berth.cjs", "main.cjs"]);
  const dear = /undici|^NativeModule (?:https|tls|crypto)$/;
  expect(parts.filter((part) => dear.test(part))).toEqual([]);
  expect(readFileSync(inCheckout("starts"), "utf8")).toBe("start\n");
});

it("runs a job with its output and its exit code, as the sources do", async () => {
  await using server = await new ScriptedServer().listen();
  server.onSubmit = (job) => {
    job.write("stdout", "out\n");
    job.write("stderr", "err\n");
    job.enter("failed", { exitCode: 3 });
  };
  const env = { BERTH_URL: server.url, BERTH_TOKEN: "t" };
  await expect(berth(["run", "-q", "--", "x"], env)).rejects.toMatchObject({
    code: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
  await expect(berth(["--version"])).resolves.toMatchObject({ stdout: "0.1.0\n" });
});

it("has gRPC and certificates in files of their own, which work", async () => {
  const load = createRequire(inCheckout("packages/cli/dist/bundle/main.cjs"));
  expect(load("./grpc.cjs")).toMatchObject({ grpcTransport: expect.any(Function) as unknown });
  const { makeRequest } = load("./make-request.cjs") as typeof MakeRequest;
  expect((await makeRequest({ ec: true })).csr).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----/);
  const notices = readFileSync(inCheckout("packages/cli/dist/bundle/THIRD-PARTY.txt"), "utf8");
  expect(notices).toMatch(/^@grpc\/grpc-js 1\.\d+\.\d+ \(Apache-2\.0\)$/m);
});

it("keeps what was compiled where only its user writes, and in no folder for temporary files", async () => {
  await berth(["--version"], { TMPDIR: home });
  expect(statSync(join(home, ".cache/berth")).mode & 0o777).toBe(0o700);
  expect(existsSync(join(home, "node-compile-cache"))).toBe(false);
});

it.each([
  ["that others may write", (folder: string) => (mkdirSync(folder), chmodSync(folder, 0o777), folder)],
  [
    "that leads elsewhere",
    (folder: string) => (mkdirSync(`${folder}-x`), symlinkSync(`${folder}-x`, folder), `${folder}-x`),
  ],
])("does not use a folder for it %s", async (_what, make) => {
  mkdirSync(join(home, ".cache"));
  const folder = make(join(home, ".cache/berth"));
  await expect(berth(["--version"])).resolves.toMatchObject({ stdout: "0.1.0\n" });
  expect(execFileSync("ls", ["-A", folder], { encoding: "utf8" })).toBe("");
});

it("makes no home where there is none", async () => {
  await berth(["--version"], { HOME: inCheckout("nobody") });
  expect(existsSync(inCheckout("nobody"))).toBe(false);
});

it("is not taken when a part of it was built anew since", async () => {
  writeFileSync(inCheckout("packages/cli/dist/main.js"), "console.log('built anew')");
  for (const part of ["sdk", "cli"]) {
    mkdirSync(inCheckout("packages", part, "dist"), { recursive: true });
    const info = inCheckout("packages", part, "dist/.tsbuildinfo");
    writeFileSync(info, "");
    await expect(berth(["--version"])).resolves.toMatchObject({ stdout: "built anew\n" });
    execFileSync("rm", [info]);
  }
  await expect(berth(["--version"])).resolves.toMatchObject({ stdout: "0.1.0\n" });
});

it("says which Node it needs, to one that is too old", async () => {
  const old = inCheckout("old.cjs");
  writeFileSync(old, `Object.defineProperty(process.versions, "node", { value: "20.9.0" });`);
  const asked = berth(["list"], { NODE_OPTIONS: `--require ${old}` });
  await expect(asked).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^berth: Node 24 or newer is needed: this one is 20\.9\.0, .*\nFix: .*\n$/,
    ) as unknown,
  });
});
