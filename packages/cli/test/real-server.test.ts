import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Berth } from "@berth/sdk";
import { afterEach, beforeEach, expect, it } from "vitest";
import { asTested, launcher } from "../../server/test/support/launcher.ts";
import { openServerBench, type ServerBench } from "../../server/test/support/server-bench.ts";
import type { ServerProcess } from "../../server/test/support/server-process.ts";
import { runBerth, startBerth, type RunOptions } from "./support/run-berth.ts";

let bench: ServerBench;
let server: ServerProcess;

beforeEach(async () => {
  bench = openServerBench("fake");
  server = await bench.start();
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

function options(more: RunOptions = {}): RunOptions {
  const token = readFileSync(join(bench.root, "data", "admin-token"), "utf8").trim();
  return { ...more, env: { BERTH_URL: server.url, BERTH_TOKEN: token, ...more.env } };
}

async function berth(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return await runBerth(argv, options());
}

it("runs a job, with both streams and its code", async () => {
  const ran = await berth("run", "--", "fake", "print=out", "print-err=err", "exit=7");
  expect(ran).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
});

it("brings files, results and artifacts back and forth", async () => {
  const flags = [
    "--stdin",
    "-",
    "--collect",
    "kept.txt",
    "--download",
    bench.root,
    "--result-file",
    "r.json",
  ];
  const words = ["fake", "stdin", "save=kept.txt:content", 'save=r.json:{"total":3}'];
  const ran = await runBerth(["run", "--json", ...flags, "--", ...words], options({ stdin: "fed\n" }));
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stderr).toMatch(/^fed\n/);
  expect(JSON.parse(ran.stdout)).toMatchObject({ state: "succeeded", result: { total: 3 } });
  expect(readFileSync(join(bench.root, "kept.txt"), "utf8").trim()).toBe("content");
});

it("prints every digit of a result as the job wrote it, and hands them to who asks for them", async () => {
  const digits = '{"id":9007199254740993,"pi":3.14159265358979323846}';
  const ran = await berth("run", "--json", "--", "fake", `print=^JSON\n${digits}\n^JSON`);
  const { id } = JSON.parse(ran.stdout) as { id: string };
  const shown = [ran, await berth("status", "--json", id), await berth("list", "--json")];
  for (const { stdout } of shown) expect(stdout.replaceAll(/\s/g, "")).toContain(`"result":${digits}`);
  expect((await berth("status", id)).stdout).toContain(digits);
  const { url, token } = { url: server.url, token: options().env?.["BERTH_TOKEN"] };
  const exact = new Berth({
    url,
    token,
    exactNumber: (text) => (/^-?\d+$/.test(text) ? BigInt(text) : text),
  });
  const result = { id: 9007199254740993n, pi: "3.14159265358979323846" };
  expect(await exact.jobs.handle(id).result()).toEqual(result);
  expect((await exact.jobs.get(id)).result).toEqual(result);
  const rounded = { id: 9007199254740992, pi: Math.PI };
  expect(await new Berth({ url, token }).jobs.handle(id).result()).toEqual(rounded);
});

it("lists, shows, stops and deletes", async () => {
  const id = (await berth("start", "--name", "sleeper", "--", "fake", "print=up", "hang")).stdout.trim();
  expect((await berth("list", "--state", "queued,preparing,running")).stdout).toContain("sleeper");
  expect((await berth("rm", id)).code).toBe(121);
  expect((await berth("stop", "--wait", "--grace", "1s", id)).stdout).toMatch(/is canceled/);
  expect((await berth("output", id)).stdout).toBe("up\n");
  expect((await berth("output", "--follow", "--stream", "stdout", id)).stdout).toBe("up\n");
  expect(JSON.parse((await berth("status", "--json", id)).stdout)).toMatchObject({ state: "canceled" });
  expect((await berth("rm", id)).stdout).toBe(`${id}\n`);
  expect((await berth("status", id)).code).toBe(120);
});

it("says which flags are wrong, and which token is", async () => {
  const wrong = await berth("run", "--memory", "lots", "--timeout", "soon", "--", "fake");
  expect(wrong.code).toBe(118);
  expect(wrong.stderr).toMatch(/2 fields are wrong\n {2}--memory: .*\n {2}--timeout: /);
  const stranger = await runBerth(["list"], options({ env: { BERTH_TOKEN: "berth_wrong" } }));
  expect(stranger.code).toBe(119);
});

it("stops the job at Ctrl-C", async () => {
  const running = startBerth(["run", "--", "fake", "print=up", "hang"], options());
  await running.stdout.shows(/up/);
  running.signals.emit("SIGINT", "SIGINT");
  expect(await running.code).toBe(130);
  expect((await berth("list")).stdout).toMatch(/canceled.*stopped/);
});

it("follows a job over kill -9 of the server, with every line once", async () => {
  const ticks = Array.from({ length: 30 }, (_, n) => [`print=line ${n}`, "run-for=100ms"]).flat();
  const running = startBerth(["run", "--", "fake", ...ticks, "exit=5"], options());
  await running.stdout.shows(/line 3\n/);
  const address = server.url.replace("http://", "");
  await server.kill();
  await bench.start({ env: { BERTH_HTTP_ADDRESS: address } });
  expect(await running.code).toBe(5);
  expect(running.stdout.text).toBe(Array.from({ length: 30 }, (_, n) => `line ${n}\n`).join(""));
});

it("ends by a real signal, sent to the real program", async () => {
  const child = spawn(launcher, ["run", "--", "fake", "print=up", "hang"], {
    env: { PATH: process.env["PATH"], ...asTested, ...options().env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([143, null]);
  expect((await berth("list")).stdout).toMatch(/canceled/);
});
