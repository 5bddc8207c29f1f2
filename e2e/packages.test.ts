import { execFile, execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScriptedServer } from "../packages/sdk/test/support/scripted-server.ts";
import { ownCheckout } from "./support/own-checkout.ts";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "..");
const names = ["protocol", "sdk", "server", "cli"] as const;

interface Manifest {
  version: string;
  exports?: Record<string, unknown>;
  dependencies?: Record<string, string>;
  bin?: Record<string, string>;
}

/** A project of somebody else's, outside of the checkout, with the packages as npm would publish them. */
let folder: Awaited<ReturnType<typeof mkdtempDisposable>>;
const inProject = (...path: string[]): string => join(folder.path, "project", ...path);
const manifestOf = (name: string): Manifest =>
  JSON.parse(readFileSync(inProject("node_modules/@berth", name, "package.json"), "utf8")) as Manifest;

beforeAll(async () => {
  folder = await mkdtempDisposable(join(tmpdir(), "berth-packages-"));
  const checkout = join(folder.path, "checkout");
  ownCheckout(checkout);
  const path = [join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  execFileSync("npm", ["run", "--silent", "build"], { cwd: checkout, env: { ...process.env, PATH: path } });
  for (const name of names) {
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder.path], {
      cwd: join(checkout, "packages", name),
    });
    const place = inProject("node_modules/@berth", name);
    mkdirSync(place, { recursive: true });
    execFileSync("tar", [
      "xzf",
      join(folder.path, `berth-${name}-0.1.0.tgz`),
      "-C",
      place,
      "--strip-components=1",
    ]);
  }
  // Only what the packages say that they need, and no other package of the checkout.
  for (const name of names)
    for (const needed of Object.keys(manifestOf(name).dependencies ?? {})) link(needed);
  link("@types/node");
  writeFileSync(inProject("package.json"), JSON.stringify({ private: true, type: "module" }));
});
afterAll(() => folder[Symbol.asyncDispose]());

function link(name: string, project = inProject()): void {
  const place = join(project, "node_modules", name);
  if (existsSync(place)) return;
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(join(root, "node_modules", name), place);
}

/** Every path that a program may import. */
function entries(name: string): string[] {
  return Object.keys(manifestOf(name).exports ?? {}).map((path) => join("@berth", name, path));
}

/** The Nodes of this host: the one of the lockfile, and what is installed beside it. */
function nodes(): string[] {
  const found = (process.env["PATH"] ?? "").split(delimiter).map((path) => join(path, "node"));
  const others = found.filter((path) => existsSync(path) && !path.includes("node_modules"));
  return [...new Set([process.execPath, ...others.map((path) => realpathSync(path))])];
}

describe("the packages, outside of the checkout", () => {
  it("have types that a strict program compiles with, without skipLibCheck", async () => {
    const imports = names.flatMap(entries).map((path, at) => `export * as entry${at} from "${path}";`);
    writeFileSync(inProject("entries.ts"), imports.join("\n"));
    const compilerOptions = {
      target: "es2024",
      lib: ["es2025", "esnext.disposable"],
      module: "nodenext",
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(inProject("tsconfig.json"), JSON.stringify({ compilerOptions, include: ["entries.ts"] }));
    const { stdout } = await run(join(root, "node_modules/.bin/tsc"), ["-p", inProject()]).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout).toBe("");
  });

  it("let every entry be imported", async () => {
    const paths = names.flatMap(entries);
    expect(paths.length).toBeGreaterThan(10);
    const program = paths.map((path) => `await import("${path}");`).join("\n");
    await run(process.execPath, ["--input-type=module", "-e", program], { cwd: inProject() });
  });

  it.each(nodes())("have an SDK that runs a job with %s", async (node) => {
    await using server = await new ScriptedServer().listen();
    server.onSubmit = (job) => {
      job.write("stdout", "hello");
      job.enter("succeeded");
    };
    const program = `
      import { Berth } from "@berth/sdk";
      import { nodeHttp } from "@berth/sdk/node";
      for (const transport of [undefined, nodeHttp()]) {
        const berth = new Berth({ url: "${server.url}", transport });
        const job = await berth.jobs.submit({ command: "echo" });
        for await (const { data } of job.output()) process.stdout.write(data);
        console.log((await job.done()).state);
      }`;
    const { stdout } = await run(node, ["--input-type=module", "-e", program], { cwd: inProject() });
    expect(stdout).toBe("hellosucceeded\nhellosucceeded\n");
  });

  it("have an SDK that needs no gRPC for REST, and says what is missing for gRPC", async () => {
    await using server = await new ScriptedServer().listen();
    const alone = join(folder.path, "rest-only");
    mkdirSync(join(alone, "node_modules/@berth"), { recursive: true });
    for (const name of ["protocol", "sdk"]) {
      cpSync(inProject("node_modules/@berth", name), join(alone, "node_modules/@berth", name), {
        recursive: true,
      });
      for (const needed of Object.keys(manifestOf(name).dependencies ?? {}))
        if (!needed.startsWith("@berth/")) link(needed, alone);
    }
    const program = `
      import { Berth } from "@berth/sdk";
      console.log(await new Berth({ url: "${server.url}" }).health());
      await import("@berth/sdk/grpc").catch(({ code, message }) => console.log(code, message));`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { cwd: alone });
    expect(stdout).toMatch(/^\{ ready: true \}\nERR_MODULE_NOT_FOUND Cannot find package '@grpc\/grpc-js'/);
  });

  it.each(nodes())("have an SDK that loads what packs folders when one is packed, with %s", async (node) => {
    const program = `
      import { createRequire } from "node:module";
      import "@berth/sdk";
      import { fromFolder } from "@berth/sdk/folder";
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => /node_modules.ignore/.test(path));
      const before = loaded();
      const { format, entries } = await fromFolder(".", { ignore: ["node_modules"] }).pack();
      console.log(before, format, entries > 0, loaded());`;
    const { stdout } = await run(node, ["--input-type=module", "-e", program], { cwd: inProject() });
    expect(stdout).toBe("false tar true true\n");
  });

  it("have a command line that npm installs without any other package", async () => {
    const prefix = join(folder.path, "installed");
    const archive = join(folder.path, "berth-cli-0.1.0.tgz");
    await run("npm", [
      "install",
      "--offline",
      "--no-audit",
      "--no-fund",
      "--silent",
      "--prefix",
      prefix,
      archive,
    ]);
    const berth = join(prefix, "node_modules/.bin/berth");
    const path = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
    const { stdout } = await run(berth, ["--version"], { env: { PATH: path, HOME: folder.path } });
    expect(stdout).toBe(`${manifestOf("cli").version}\n`);
  });

  it("ship nothing of the build but what is used", () => {
    for (const name of names) {
      const listed = execFileSync("tar", ["tzf", join(folder.path, `berth-${name}-0.1.0.tgz`)], {
        encoding: "utf8",
      });
      // Pid 1 goes along with its source: a host for which it was not built makes it there.
      expect(listed.replace(/^package\/native\/src\/.*$/gm, "")).not.toMatch(/tsbuildinfo|\/src\/|\.test\./);
    }
  });
});
