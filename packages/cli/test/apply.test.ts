import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type { Applied, DefinitionsInput } from "@berth/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServerBench, type ServerBench } from "../../server/test/support/server-bench.ts";
import type { ServerProcess } from "../../server/test/support/server-process.ts";
import { readYaml, writeYaml } from "../src/commands/definitions/yaml-file.ts";
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
function file(name: string, text: string | Buffer): string {
  const path = join(bench.root, name);
  writeFileSync(path, text);
  return path;
}

const story = `
roles:
  - name: sellers
    rules:
      - {resource: tasks, names: [report], verbs: [execute]}
bindings:
  - {role: sellers, user: paul}
runners:
  - name: reports
    spec: &small
      resources: {memory: 64Mi}
tasks:
  - name: report
    spec:
      runner: reports
      command: |
        set -e
        report --month "$1"
`;

it("gives back nothing where there is nothing: no empty lists", async () => {
  expect(await berth(["export"])).toMatchObject({ code: 0, stdout: "{}\n" });
  expect(await berth(["export", "tasks"])).toMatchObject({ code: 0, stdout: "{}\n" });
  expect(await berth(["apply", "-f", "-"], "{}\n")).toMatchObject({ code: 0 });
});

it("makes what a file says, tells the difference field by field, and applied again changes nothing", async () => {
  const path = file("berth.yaml", story);
  const dry = await berth(["apply", "-f", path, "--dry-run", "--exit-code"]);
  expect([dry.code, dry.stdout.split("\n")[0]]).toEqual([1, "to create  role sellers"]);
  expect(dry.stderr).toBe("berth: 4 to create, 0 to update, 0 unchanged, and nothing was changed\n");
  expect(await berth(["apply", "-f", path])).toEqual({
    code: 0,
    stdout: [
      "created    role sellers",
      "created    binding sellers user paul",
      "created    runner reports (version 1)",
      "created    task report (version 1)\n",
    ].join("\n"),
    stderr: "berth: 4 created, 0 updated, 0 unchanged\n",
  });
  expect(await berth(["apply", "-f", path, "--exit-code"])).toMatchObject({
    code: 0,
    stderr: "berth: 0 created, 0 updated, 4 unchanged\n",
  });
  const more = file("more.yaml", story.replace("64Mi", "128Mi").replace("set -e", "set -eu"));
  const changed = await berth(["apply", "-f", more]);
  expect(changed.stdout).toContain(
    'updated    runner reports (version 1 -> 2)\n  resources.memory: "64Mi" -> "128Mi"\n' +
      "updated    task report (version 1 -> 2)\n  command: ",
  );
  const json = JSON.parse((await berth(["apply", "-f", "-", "--json"], story)).stdout) as Applied;
  expect(json.items.map(({ action }) => action)).toEqual(["unchanged", "unchanged", "update", "update"]);
});

it("takes files beside one another, and those of a folder, as one", async () => {
  const folder = join(bench.root, "definitions");
  mkdirSync(folder);
  file("definitions/b.yml", "tasks:\n  - name: second\n    spec: {runner: shared, command: 'true'}\n");
  file("definitions/a.yaml", "tasks:\n  - name: first\n    spec: {runner: shared, command: 'true'}\n");
  file("definitions/notes.md", "no definitions");
  const runner = file("shared.json", '{"runners": [{"name": "shared", "spec": {}}]}');
  const made = await berth(["apply", "-f", folder, "-f", runner]);
  expect(made.stdout.match(/created +\w+ \w+/g)).toEqual([
    "created    runner shared",
    "created    task first",
    "created    task second",
  ]);
  const wrong = file(
    "definitions/c.yaml",
    "# here\ntasks:\n\n  - name: third\n    spec:\n      comand: 'x'\n",
  );
  const refused = await berth(["apply", "-f", folder]);
  expect(refused.code).toBe(118);
  expect(refused.stderr).toContain(`${wrong}:6 tasks[0].spec.comand: is not known: did you mean "command"?`);
  expect(refused.stderr).toContain(`${wrong}:5 tasks[0].spec.runner: is missing`);
});

it("names each that is refused by file, line and path, and says that nothing was changed", async () => {
  const path = file(
    "lost.yaml",
    "runners:\n  - {name: fine, spec: {}}\ntasks:\n  - name: lost\n    spec: {runner: nowhere, command: x}\n",
  );
  const { code, stderr } = await berth(["apply", "-f", path]);
  expect([code, stderr]).toEqual([120, expect.stringContaining("nothing was changed")]);
  expect(stderr).toContain(`${path}:4 tasks[0]: Cannot find runner "nowhere"`);
  expect((await berth(["runner", "get", "fine"])).code).toBe(120);
});

describe("what is hostile, or a slip", () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghij"
    .split("")
    .map((key, at) => `${key}: &${key} [${`*${"abcdefghi"[at]},`.repeat(9)}]`)
    .join("\n")}\ntasks: *j\n`;
  it.each([
    ["a bomb of aliases", bomb, /xcessive alias count/],
    ["a key that is there twice", "tasks: []\ntasks: []\n", /:2 Map keys must be unique/],
    ["a second document", "tasks: []\n---\nrunners: []\n", /:2 is a second document/],
    ["a list of everything", "- tasks\n", /:1 must hold lists: roles/],
    ["what is no YAML", "tasks: [\n", /:2 Flow sequence/],
    ["a tag of its own", "tasks: !js [1]\n", /:1 Unresolved tag/],
    ["a number that JSON has not", "tasks:\n  - name: .inf\n", /:2 is no number that JSON has/],
    ["bytes that are no text", Buffer.from([0x74, 0xff, 0x0a]), /it is not UTF-8 text/],
    ["ten megabytes", Buffer.alloc(10 * 2 ** 20, "a"), /it is more than 4 MiB/],
  ])("is refused here: %s", async (_, text, says) => {
    const answer = await berth(["apply", "-f", file("hostile.yaml", text)]);
    expect([answer.code, answer.stderr]).toEqual([118, expect.stringMatching(says)]);
  });

  it.each([
    ["__proto__", "__proto__:\n  tasks: []\n", /body: must not have the key __proto__/],
    ["__proto__ in a spec", "runners:\n  - name: r\n    spec: {__proto__: {memory: 1}}\n", /:3 .*__proto__/],
    ["a list that is none", "tasks: {name: x}\n", /:1 tasks: must be a list, not an object/],
    ["a name of another kind", "runners:\n  - {name: 12, spec: {}}\n", /:2 runners\[0\]\.name: must be text/],
    [
      "a name that is none",
      'runners:\n  - {name: "A b", spec: {}}\n',
      /:2 runners\[0\]\.name: must be 1 to 63/,
    ],
    ["a NUL", 'runners:\n  - {name: "a\\0b", spec: {}}\n', /:2 runners\[0\]\.name: must be 1 to 63/],
    ["a kind that there is not", "secrets: []\n", /hostile\.yaml:1 secrets: is not known/],
    [
      "one name twice",
      "runners:\n  - {name: a, spec: {}}\n  - {name: a, spec: {}}\n",
      /:3 runners\[1\]\.name: is that of runners\[0\] too/,
    ],
    ["nothing but merges", "x: &x {a: 1}\nrunners:\n  - {name: a, spec: {<<: *x}}\n", /:1 x: is not known/],
  ])("is refused by the server: %s", async (_, text, says) => {
    const answer = await berth(["apply", "-f", file("hostile.yaml", text)]);
    expect([answer.code, answer.stderr]).toEqual([118, expect.stringMatching(says)]);
  });

  it("says what is wrong with the words", async () => {
    expect((await berth(["apply"])).stderr).toContain("no file is named");
    expect((await berth(["apply", "-f", "/nowhere/x"])).stderr).toContain("Cannot read /nowhere/x");
    const empty = join(bench.root, "empty");
    mkdirSync(empty);
    expect((await berth(["apply", "-f", empty])).stderr).toContain("no file of it ends in .yaml");
    expect(await berth(["apply", "-f", "-"], "")).toMatchObject({
      code: 0,
      stderr: "berth: nothing is named\n",
    });
  });
});

/** Everything that a file can say, with texts that YAML would take for something else. */
const everything: DefinitionsInput = {
  roles: [{ name: "all-of-it", rules: [{ resource: "tasks", names: ["*"], verbs: ["read", "execute"] }] }],
  bindings: [
    { role: "all-of-it", group: "lab" },
    { role: "all-of-it", user: "yes" },
  ],
  runners: [
    {
      name: "null",
      spec: {
        description: "~",
        resources: { memory: "64Mi", cpu: "0.5", pids: 20 },
        timeouts: { run: "1m" },
        secrets: [{ name: "hooks", keys: ["key"] }],
        image: "x/y:1",
        url: "https://host.example/a",
        ca: rootCertificates[0],
        ref: "0123456",
        subdir: "- a",
        credentials: { token: { secret: "hooks", key: "key" }, username: "bot" },
        refresh: "0s",
        sourceLimit: "2MiB",
        submodules: true,
      },
    },
  ],
  tasks: [
    {
      name: "0x10",
      spec: {
        runner: "null",
        command: "set -e\n\techo 'a: b' # no comment\n\nexit 0\n",
        input: {
          type: "object",
          properties: {
            "12": { default: "12" },
            __proto__x: { default: 1e21 },
            "a: b": {
              default: [" x", "no", "1e3", "2026-01-01", "=", "\u2028", "tab\t", "a\n\n", "\n a", "é\u0000"],
            },
          },
        },
        synchronous: true,
        wait: "5s",
        concurrency: { most: 2, next: "refuse" },
        collect: ["*.txt"],
        resultFile: "result.json",
      },
    },
    { name: "list", spec: { runner: "null", command: ["sh", "-c", "true", ""] } },
  ],
  schedules: [
    {
      name: "on",
      spec: {
        task: "list",
        cron: "0 3 * * *",
        zone: "Europe/Berlin",
        input: [null, true, "true", 1.5],
        catchUp: "all",
      },
    },
  ],
  webhooks: [{ name: "1e3", spec: { task: "list", secret: "hooks", signature: "sha512" } }],
};

it("gives back what applies again without a change, with everything that can be said", async () => {
  await berth(["secret", "create", "hooks", "--key", "key"], "correct-horse-battery\n");
  const made = await berth(["apply", "-f", "-"], writeYaml(everything));
  expect([made.stderr, made.code]).toEqual(["berth: 8 created, 0 updated, 0 unchanged\n", 0]);
  const out = await berth(["export"]);
  expect(out.stderr).toBe("berth: it names secrets, which are not in it: hooks\n");
  expect(out.stdout).toContain("command: |\n        set -e\n");
  expect(out.stdout).not.toContain("admin-token");
  const read = readYaml(out.stdout) as { value: DefinitionsInput };
  for (const kind of ["roles", "bindings", "runners", "tasks", "schedules", "webhooks"] as const)
    for (const entry of everything[kind] ?? []) expect(read.value[kind]).toContainEqual(entry);
  const again = await berth(["apply", "-f", "-", "--exit-code"], out.stdout);
  expect([again.code, again.stderr]).toEqual([0, expect.stringMatching(/^berth: 0 created, 0 updated, /)]);
  expect(JSON.parse((await berth(["export", "--json"])).stdout)).toEqual(read.value);
  const some = await berth(["export", "tasks/list", "schedule/on"]);
  expect(Object.keys((readYaml(some.stdout) as { value: object }).value)).toEqual(["tasks", "schedules"]);
  expect(some.stdout).not.toContain("0x10");
  expect((await berth(["export", "tasks/none"])).stderr).toContain('Cannot export tasks "none"');
  expect((await berth(["export", "cows"])).stderr).toContain('Cannot export "cows"');
});
