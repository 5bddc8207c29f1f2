import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job, Upload } from "@berth/sdk";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { CuttingLine } from "../../sdk/test/support/cutting-line.ts";
import { openServerBench, type ServerBench } from "../../server/test/support/server-bench.ts";
import type { ServerProcess } from "../../server/test/support/server-process.ts";
import { runBerth, startBerth, type RunOptions } from "./support/run-berth.ts";

/** Cuts of one upload: some here, 100 by hand. */
const cuts = Number(process.env["BERTH_TEST_ROUNDS"] ?? 6);
const MiB = 2 ** 20;

let bench: ServerBench;
let server: ServerProcess;
let folder: string;

beforeAll(async () => {
  bench = openServerBench("fake");
  server = await bench.start();
});
afterAll(() => bench[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "berth-dir-"));
  writeFileSync(join(folder, "Makefile"), `test:\n\techo ${Math.random()}\n`);
  for (const { sha256 } of await uploads()) await berth(["upload", "rm", sha256]);
});
afterEach(() => rmSync(folder, { recursive: true }));

function options(more: RunOptions = {}): RunOptions {
  const token = readFileSync(join(bench.root, "data", "admin-token"), "utf8").trim();
  return { ...more, env: { BERTH_URL: server.url, BERTH_TOKEN: token, ...more.env } };
}

async function berth(argv: string[], more: RunOptions = {}): ReturnType<typeof runBerth> {
  return await runBerth(argv, options(more));
}

async function jobs(): Promise<Job[]> {
  return JSON.parse((await berth(["list", "--json", "--all"])).stdout) as Job[];
}

async function uploads(): Promise<Upload[]> {
  return JSON.parse((await berth(["upload", "list", "--json"])).stdout) as Upload[];
}

it("sends a folder and runs in it; what the server has is not sent again", async () => {
  const words = ["run", "--dir", folder, "--", "fake", "print=done"];
  const first = await berth(words, { terminal: true });
  expect(first).toMatchObject({ code: 0, stdout: "done\n" });
  const shown = first.stderr.split("\r\u{1b}[K");
  expect(shown.some((line) => line.startsWith("Packing ["))).toBe(true);
  expect(shown.some((line) => /^Sending \[#+\] 100 % of /.test(line))).toBe(true);
  expect(first.stderr).toContain("berth: Sent 1 entry, ");
  const second = await berth(words, { terminal: true });
  expect(second.stderr).toContain("berth: The server has this folder already: 1 entry, ");
  expect(second.stderr).not.toContain("Sending");
  const [upload] = await uploads();
  const [newest] = await jobs();
  expect(newest).toMatchObject({
    state: "succeeded",
    spec: { archive: { upload: upload?.sha256, format: "tar" } },
  });
});

it("says nothing to a program that goes well, and what it left out to anybody", async () => {
  const words = ["run", "--dir", folder, "--json", "--", "fake", "print=x"];
  const plain = await berth(words);
  expect(plain.stderr).toBe("x\n");
  expect(JSON.parse(plain.stdout)).toMatchObject({ state: "succeeded" });
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const left = await berth(words);
  expect(left.stderr).toBe('berth: Left out "pipe": it is a socket, a pipe or a device\nx\n');
  expect((await berth(["run", "-q", "--dir", folder, "--", "fake"], { terminal: true })).stderr).toBe("");
});

it("starts a job in a folder, and keeps what an ignore file names", async () => {
  mkdirSync(join(folder, "node_modules"));
  writeFileSync(join(folder, "node_modules/a"), "a");
  const rules = join(folder, "..", `rules-${Math.random()}`);
  writeFileSync(rules, "node_modules\n");
  const started = await berth(["start", "--dir", folder, "--ignore-file", rules, "--", "fake"], {
    terminal: true,
  });
  rmSync(rules);
  expect(started.stderr).toContain("berth: Sent 1 entry, ");
  expect((await jobs())[0]?.id).toBe(started.stdout.trim());
});

it("ends at Ctrl-C before there is a job, and the next one goes on", async () => {
  writeFileSync(join(folder, "large"), "");
  truncateSync(join(folder, "large"), 256 * 2 ** 20);
  const before = (await jobs()).length;
  const running = startBerth(["run", "--dir", folder, "--", "fake"], options({ terminal: true }));
  await running.stderr.shows(/Sending/);
  running.signals.emit("SIGINT", "SIGINT");
  expect(await running.code).toBe(130);
  expect(running.stderr.text).toMatch(/berth: Left: no job was submitted; .*\n$/);
  expect((await jobs()).length).toBe(before);
  expect((await uploads()).filter(({ state }) => state === "receiving")).toHaveLength(1);
  rmSync(join(folder, "large"));
});

it("goes on over a line that is cut again and again, and runs in the whole folder", async () => {
  const large = join(folder, "large");
  writeFileSync(large, randomBytes(cuts * 300_000));
  await using line = await CuttingLine.to(server.url);
  line.cutEvery(250_000, cuts);
  const running = startBerth(
    ["run", "--dir", folder, "--", "fake", "print=done"],
    options({ terminal: true, env: { BERTH_URL: line.url } }),
  );
  expect(await running.code).toBe(0);
  expect(running.stdout.text).toBe("done\n");
  expect(line.cuts).toBe(cuts);
  expect(line.sent).toBeLessThan(cuts * 300_000 + line.cuts * 300_000 + MiB);
  const [upload] = await uploads();
  expect(upload).toMatchObject({ state: "complete" });
});

it.each([
  [
    ["--ignore-file", "x"],
    118,
    /Cannot use --ignore-file: there is no folder to send\nFix: Name it with --dir/,
  ],
  [["--dir", "/nonexistent"], 118, /Cannot pack folder "\/nonexistent": it does not exist/],
  [["--dir", "/etc/passwd"], 118, /Cannot pack folder "\/etc\/passwd": it is no folder/],
  [["--dir", ".", "--grpc", "localhost:1"], 118, /Cannot do this over gRPC/],
])("refuses %j", async (flags, code, message) => {
  const ran = await berth(["run", ...flags, "--", "fake"]);
  expect(ran).toMatchObject({ code, stdout: "" });
  expect(ran.stderr).toMatch(message);
});

it("reads no folder for a command line that is wrong, or for a server that is not there", async () => {
  const wrong = await berth(["run", "--dir", "/nonexistent"]);
  expect(wrong.stderr).toContain("Cannot make a job: there is no command");
  const nobody = { env: { BERTH_URL: "http://127.0.0.1:1" } };
  expect((await berth(["run", "--dir", "/nonexistent", "--", "x"], nobody)).code).toBe(122);
});

it.each([
  ["a memory that is none", ["--memory", "lots"], "--memory"],
  ["a timeout that is none", ["--timeout", "soon"], "--timeout"],
  ["a place for a file that is none", ["--file", "FOLDER/Makefile:../Makefile"], "--file"],
  ["an engine that is not here", ["--engine", "nowhere"], 'engine "nowhere"'],
  ["a network that is not here", ["--network", "nowhere"], 'network profile "nowhere"'],
])("refuses %s before anything of a folder is sent", async (_, words, named) => {
  for (const command of ["run", "start"]) {
    const own = words.map((word) => word.replace("FOLDER", folder));
    const refused = await berth([command, "--dir", folder, ...own, "--", "fake"]);
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).toBe("");
    expect(refused.stderr).toContain(named);
  }
  expect(await uploads()).toEqual([]);
});

it("refuses files that are too large together before anything of a folder is sent", async () => {
  for (const name of ["one", "two"]) writeFileSync(join(folder, name), Buffer.alloc(6 * MiB));
  const words = ["run", "--dir", folder, "-f", join(folder, "one"), "-f", join(folder, "two"), "--", "fake"];
  expect(await berth(words)).toMatchObject({
    code: 118,
    stderr: expect.stringContaining("they are larger than 10 MiB together") as unknown,
  });
  expect(await uploads()).toEqual([]);
});

it("lists uploads, and deletes one by the beginning of its name", async () => {
  await berth(["run", "--dir", folder, "--", "fake"]);
  const [upload] = await uploads();
  const { sha256 } = upload ?? { sha256: "" };
  expect((await berth(["upload", "list"])).stdout).toMatch(
    new RegExp(`^SHA256 +SIZE +STATE +USED +OWNER\n${sha256} +.* complete +.*Z +admin\n$`),
  );
  expect((await berth(["upload", "list"], { terminal: true })).stdout).toContain(
    `\n${sha256.slice(0, 16)}  `,
  );
  expect(await berth(["upload", "rm", sha256.slice(0, 8)])).toMatchObject({
    code: 0,
    stdout: `${sha256}\n`,
  });
  expect((await berth(["upload", "list"])).stderr).toBe("berth: no uploads\n");
  expect(await berth(["upload", "rm", "zz"])).toMatchObject({
    code: 120,
    stderr: expect.stringMatching(/Cannot find upload "zz"\nFix: See `berth upload list`/) as unknown,
  });
  expect((await berth(["upload", "rm"])).code).toBe(118);
  // As of a script whose variable is not set.
  writeFileSync(join(folder, "one"), "one");
  await berth(["run", "--dir", folder, "--", "fake"]);
  const left = await uploads();
  expect(left).toHaveLength(1);
  expect((await berth(["upload", "rm", ""])).code).toBe(118);
  expect(await uploads()).toEqual(left);
});
