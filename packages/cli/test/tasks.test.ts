import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type { Job, Runner, Task } from "@berth/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openServerBench, type ServerBench } from "../../server/test/support/server-bench.ts";
import type { ServerProcess } from "../../server/test/support/server-process.ts";
import { until } from "../../server/test/support/until.ts";
import { setFields } from "../src/commands/task/set-fields.ts";
import { runBerth } from "./support/run-berth.ts";

let bench: ServerBench;
let server: ServerProcess;
beforeAll(async () => {
  bench = openServerBench("fake");
  server = await bench.start();
});
afterAll(() => bench[Symbol.asyncDispose]());

async function berth(argv: string[], stdin = ""): ReturnType<typeof runBerth> {
  const token = readFileSync(join(bench.root, "data", "admin-token"), "utf8").trim();
  return runBerth(argv, { env: { BERTH_URL: server.url, BERTH_TOKEN: token }, stdin });
}
const file = (name: string, content: unknown): string => {
  const path = join(bench.root, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

it("defines, lists, changes, tells apart, rolls back and deletes a task", async () => {
  const made = await berth(["runner", "create", "reports", "--memory", "64Mi", "--timeout", "1m"]);
  expect([made.code, made.stdout]).toEqual([0, expect.stringContaining('{"memory":"64Mi"}')]);
  const spec = file("spec.json", { command: ["fake", "env"], runner: "nowhere" });
  const schema = file("schema.json", { type: "object", required: ["a"] });
  const flags = ["--spec", spec, "--runner", "reports", "--schema", schema];
  expect((await berth(["task", "create", "show", ...flags])).stdout).toMatch(/^version +1, of .* by /m);
  expect((await berth(["task", "list"])).stdout).toMatch(/^show +1 +\S+ +\["fake","env"\]$/m);
  expect((await berth(["runner", "list"])).stdout).toMatch(/^reports +1 /m);
  await berth(["task", "update", "show", "--description", "Shows it"]);
  expect((await berth(["task", "diff", "show"])).stdout).toMatch(/^description +Shows it$/m);
  expect((await berth(["task", "update", "show", "--at", "1", "--description", "x"])).stderr).toContain(
    "somebody was faster",
  );
  const back = await berth(["task", "rollback", "show", "1", "--json"]);
  expect(JSON.parse(back.stdout) as Task).toMatchObject({ version: 3, spec: { runner: "reports" } });
  expect((await berth(["task", "versions", "show"])).stdout.match(/^[123] /gm)).toHaveLength(3);
  expect((await berth(["task", "get", "show", "--at", "2"])).stdout).toContain("Shows it");
  expect(JSON.parse((await berth(["task", "schema", "show"])).stdout)).toEqual({
    type: "object",
    required: ["a"],
  });
  expect((await berth(["runner", "delete", "reports"])).code).toBe(121);
  expect((await berth(["task", "delete", "show"])).stdout).toBe("show\n");
  expect((await berth(["runner", "delete", "reports"])).stdout).toBe("reports\n");
});

it("says where the code of a runner comes from, over HTTP and over ssh", async () => {
  const hosts = join(bench.root, "hosts");
  const line = "host.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB\n";
  writeFileSync(hosts, line);
  await berth(
    ["secret", "create", "code-git", "--key", "token", "--key", "key"],
    "correct-horse\nbattery-staple\n",
  );
  const code = ["--ref", "v1", "--subdir", "a", "--submodules", "--image", "x/y:1", "--json"];
  const make = async (name: string, ...flags: string[]) =>
    (JSON.parse((await berth(["runner", "create", name, ...flags, ...code])).stdout) as Runner).spec;
  const rest = { ref: "v1", subdir: "a", submodules: true, image: "x/y:1" };
  const http = ["--git", "https://host.example/a", "--git-token", "code-git", "--git-user", "bot"];
  expect(await make("by-http", ...http)).toEqual({
    url: "https://host.example/a",
    credentials: { token: { secret: "code-git" }, username: "bot" },
    ...rest,
  });
  const ca = rootCertificates[0] ?? "";
  writeFileSync(join(bench.root, "ca.pem"), ca);
  const own = ["--git", "https://host.example/a", "--git-ca", join(bench.root, "ca.pem")];
  expect(await make("by-own-ca", ...own)).toEqual({ url: "https://host.example/a", ca, ...rest });
  const ssh = ["--git", "git@host.example:a", "--git-key", "code-git", "--known-hosts", hosts];
  expect(await make("by-ssh", ...ssh)).toEqual({
    url: "git@host.example:a",
    credentials: { sshKey: { secret: "code-git" }, knownHosts: line },
    ...rest,
  });
});

it("runs a task with what is set, from a file or stdin, and ends as its job does", async () => {
  await berth(["runner", "create", "plays"]);
  const input = { properties: { text: { type: "string" } } };
  const of = (name: string, command: string[]) =>
    berth(["task", "create", name, "--spec", file(`${name}.json`, { runner: "plays", command, input })]);
  await of("shows", ["fake", "env"]);
  await of("fails", ["fake", "exit=7"]);
  const set = ["--set", "text=1", "--set", "n=2", "--set", "a.b=x"];
  const run = await berth(["task", "run", "shows", ...set]);
  expect([run.code, run.stdout]).toEqual([
    0,
    expect.stringContaining('EXTRA_VARS={"text":"1","n":2,"a":{"b":"x"}}\n'),
  ]);
  const both = await berth(["task", "run", "shows", "--input", "-", "--set", "n=2"], '{"n":1,"m":3}');
  expect(both.stdout).toContain('EXTRA_VARS={"n":2,"m":3}\n');
  expect((await berth(["task", "run", "shows", "--input", "-"], "[1.0]")).stdout).toContain(
    "EXTRA_VARS=[1.0]\n",
  );
  expect((await berth(["task", "run", "fails"])).code).toBe(7);
  const wrong = await berth(["task", "run", "shows", "--input", "-"], '{"text":1}');
  expect([wrong.code, wrong.stderr]).toEqual([118, expect.stringContaining("text: must be string")]);
  const detached = await berth(["task", "run", "shows", "--detach", "--json"]);
  expect(JSON.parse(detached.stdout) as Job).toMatchObject({ task: { name: "shows", version: 1 } });
});

it("has a task run again where the host fails, and says of each run what became of it", async () => {
  await berth(["runner", "create", "fails"]);
  const of = ["task", "create", "unlucky", "--runner", "fails", "--retry", "1"];
  const shell = await berth([...of, "--command", "true", "--json"]);
  expect((JSON.parse(shell.stdout) as Task).spec.retry).toEqual({ most: 1 });
  const retry = { most: 1, backoff: "1s" };
  const spec = file("unlucky.json", { command: ["fake", "fail-start=engine"], retry });
  await berth(["task", "update", "unlucky", "--spec", spec]);
  const run = await berth(["task", "run", "unlucky", "--json"]);
  const first = JSON.parse(run.stdout) as Job;
  expect([run.code, first.cause?.message]).toEqual([125, expect.stringMatching(/; it is run again at 2/)]);
  const status = async (id: string): Promise<string> => (await berth(["status", id])).stdout;
  const again = async () => / run again as (\S+)/.exec((await status(first.id)).replaceAll(/\s+/g, " "))?.[1];
  const second = await until(again, { what: "the next run" });
  await berth(["wait", second]);
  expect(await status(second)).toContain(`Attempt 2: the first run is ${first.id}`);
  const list = (await berth(["list", "--task", "unlucky"])).stdout;
  expect(list).toMatch(
    new RegExp(`^${second} .* engine_failed\\n${first.id} .* engine_failed, run again$`, "m"),
  );
  const wrong = await berth([...of.slice(0, -1), "11", "--command", "true"]);
  expect([wrong.code, wrong.stderr]).toEqual([118, expect.stringContaining("retry.most")]);
});

it.each([
  [["task", "run"], "there is no name"],
  [["task", "run"], "berth task run NAME"],
  [["task", "get", "x", "--at", "old"], "it is no number"],
  [["task", "create", "x", "--retry", "often"], 'Cannot read --retry "often"'],
  [["runner", "create", "a", "b"], "so many at once"],
  [["runner", "break", "a"], "break"],
  [["runner", "create", "a", "--git-key", "s"], "the host's own key is not known"],
  [["runner", "create", "a", "--git-key", "s", "--git-token", "t"], "both a token and a key"],
  [["runner", "create", "a", "--git-user", "u"], "no secret is named"],
])("says what is wrong with %j", async (argv, why) => {
  const { code, stderr } = await berth(argv);
  expect([code > 0, stderr]).toEqual([true, expect.stringContaining(why)]);
});

it("puts fields into an input by the types of its schema", () => {
  const schema = { properties: { a: { properties: { t: { type: "string" } } } } };
  expect(setFields({ a: { u: 1 } }, ["a.t=5", "a.v=5", "b=[1]", "c=x=y"], schema)).toEqual({
    a: { u: 1, t: "5", v: 5 },
    b: [1],
    c: "x=y",
  });
  expect(() => setFields({}, ["__proto__.x=1"], {})).toThrow("it is no field");
});

it("makes, shows, previews, pauses and deletes a schedule", async () => {
  await berth(["runner", "create", "clock"]);
  await berth(["task", "create", "tick", "--runner", "clock", "--command", "true"]);
  const input = file("tick.json", { n: 1 });
  const flags = ["--task", "tick", "--cron", "30 2 29 2 *", "--zone", "Europe/Berlin", "--input", input];
  const made = await berth(["schedule", "create", "leap", ...flags]);
  expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^next +2028-02-29T01:30:00.000Z$/m)]);
  expect((await berth(["schedule", "list"])).stdout).toMatch(
    /^leap +1 +\S+ +30 2 29 2 \* +Europe\/Berlin +tick$/m,
  );
  const next = await berth(["schedule", "next", "leap", "--count", "2"]);
  expect(next.stdout).toMatch(/^Tue 2028-02-29 02:30 +2028-02-29T01:30:00.000Z$/m);
  expect((await berth(["schedule", "runs", "leap"])).stderr).toContain("it was not due yet");
  const paused = await berth(["schedule", "pause", "leap"]);
  expect(paused.stdout).toMatch(/^paused +since /m);
  expect((await berth(["schedule", "resume", "leap", "--json"])).stdout).toContain('"paused": null');
  const wrong = await berth(["schedule", "update", "leap", "--cron", "* * * * * *"]);
  expect([wrong.code, wrong.stderr]).toEqual([expect.any(Number), expect.stringContaining("five fields")]);
  expect((await berth(["schedule", "delete", "leap"])).stdout).toBe("leap\n");
});
