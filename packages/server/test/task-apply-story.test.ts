import type { Applied, Job, JobList } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ApiClient } from "./support/api-client.ts";
import { gitPassword, gitUser, type GitServer, startGitServer } from "./support/git-server.ts";
import { type LocalServer, startLocalServer } from "./support/local-server.ts";
import { runCommandLine, type Said } from "./support/run-command-line.ts";

/*
 * One story, from a repository to who sees what of a result: by the command line in processes of its own and by plain HTTP, on the
 * real engine and a real git.
 */

const server = await startLocalServer("the story of a file that is applied", {
  BERTH_SOURCES_ALLOW: "127.0.0.0/8, ::1",
});
let git: GitServer;
beforeAll(async () => {
  git = await startGitServer();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await git[Symbol.asyncDispose]();
});

const password = "hush-hush-of-the-database";
const program = `import json, os
month = json.loads(os.environ["EXTRA_VARS"])["month"]
known = open("/etc/secret/password").read().strip()
print("counting", month)
print("^JSON", json.dumps({"month": month, "sold": 7, "letters": len(known)}), "^JSON", sep="\\n")
`;

const definitions = (memory: string) => `
roles:
  - name: sellers
    rules:
      - {resource: tasks, names: [report], verbs: [execute]}
bindings:
  - {role: sellers, user: paul}
runners:
  - name: reports
    spec:
      url: ${git.url("team/reports")}
      credentials:
        token: {secret: reports-git}
        username: ${gitUser}
      secrets:
        - name: database
      network: none
      resources: {memory: ${memory}}
      timeouts: {run: 2m}
tasks:
  - name: report
    spec:
      runner: reports
      command: python3 report.py
      input:
        type: object
        properties:
          month: {type: string, pattern: '^\\d{4}-\\d{2}$'}
        required: [month]
        additionalProperties: false
schedules:
  - name: nightly
    spec: {task: report, cron: '0 3 * * *', zone: Europe/Berlin, input: {month: 2026-01}}
`;

interface Person {
  berth(words: readonly string[], stdin?: string): Promise<Said>;
  get(path: string): Promise<{ status: number; body: unknown }>;
  post(path: string, body: unknown): Promise<{ status: number; body: unknown }>;
}

function person({ url }: LocalServer, token: string): Person {
  const client = new ApiClient({ url, token });
  const ask = async (path: string, init: RequestInit) => {
    const answer = await client.request(path, init);
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.startsWith("application/json") === true;
    return { status: answer.status, body: isJson ? (JSON.parse(text) as unknown) : text };
  };
  return {
    berth: (words, stdin = "") =>
      runCommandLine(words, { env: { BERTH_URL: url, BERTH_TOKEN: token }, stdin }),
    get: (path) => ask(`/api/v1/${path}`, {}),
    post: (path, body) => ask(`/api/v1/${path}`, { method: "POST", body: JSON.stringify(body) }),
  };
}

it.skipIf(server === null)(
  "an administrator applies a file, whoever may only execute runs and reads the result, and a third sees nothing",
  async () => {
    if (server === null) return;
    const commit = git.commit("team/reports", { "report.py": program });
    const admin = person(server, server.api.authorization.replace("Bearer ", ""));
    const must = async (words: readonly string[], stdin = ""): Promise<string> => {
      const said = await admin.berth(words, stdin);
      expect([words.join(" "), said.code, said.stderr]).toEqual([words.join(" "), 0, expect.any(String)]);
      return said.stdout.trim();
    };

    // The administrator: secrets and people beforehand, all else by one file.
    await must(["secret", "create", "reports-git", "--key", "token"], `${gitPassword}\n`);
    await must(["secret", "create", "database", "--key", "password"], `${password}\n`);
    await must(["user", "create", "paul", "--role", "self", "--no-password"]);
    // She may define and run what is her own.
    await must(["user", "create", "eve", "--role", "developer", "--no-password"]);
    const paul = person(server, await must(["token", "create", "paul"]));
    const eve = person(server, await must(["token", "create", "eve"]));
    const first = await admin.berth(["apply", "-f", "-", "--json"], definitions("256Mi"));
    expect([first.code, first.stderr]).toEqual([0, ""]);
    const made = (JSON.parse(first.stdout) as Applied).items;
    expect(made.map(({ kind, name, action }) => `${action} ${kind} ${name}`)).toEqual([
      "create role sellers",
      "create binding sellers user paul",
      "create runner reports",
      "create task report",
      "create schedule nightly",
    ]);
    const again = await admin.berth(["apply", "-f", "-", "--exit-code"], definitions("256Mi"));
    expect([again.code, again.stdout.match(/^unchanged /gm)?.length]).toEqual([0, 5]);

    // Paul, who may execute it: by the command line ...
    const run = await paul.berth(["task", "run", "report", "--set", "month=2026-01"]);
    expect([run.code, run.stdout]).toEqual([0, expect.stringContaining("counting 2026-01\n")]);
    const [mine] = JSON.parse((await paul.berth(["list", "--json"])).stdout) as Job[];
    const result = { month: "2026-01", sold: 7, letters: password.length };
    expect(mine).toMatchObject({ owner: "paul", state: "succeeded", result });
    expect(mine?.task).toMatchObject({ name: "report", version: 1, runnerVersion: 1 });
    const id = mine?.id ?? "";
    expect((await paul.berth(["output", id])).stdout).toContain("counting 2026-01\n");
    // ... and by plain HTTP.
    const answered = await paul.post("tasks/report/run?wait=60s", { month: "2026-02" });
    expect(answered).toMatchObject({ status: 200, body: { result: { month: "2026-02" } } });
    expect(JSON.stringify(answered.body)).toContain(commit);
    expect(await paul.get(`jobs/${id}/result`)).toEqual({ status: 200, body: result });
    expect((await paul.get(`jobs/${id}/output`)).body).toContain("counting 2026-01");
    const wrong = await paul.post("tasks/report/run", { month: "January", year: 1 });
    expect(wrong).toMatchObject({ status: 422, body: { code: "INPUT_INVALID" } });
    expect((wrong.body as { problems: unknown[] }).problems).toHaveLength(2);

    // What he needs not know, he is not told: neither the definitions nor the secrets, and none of them by his jobs.
    const closed = ["runners/reports", "secrets/database", "secrets/reports-git", "schedules/nightly"];
    for (const path of closed)
      expect([path, (await paul.get(path)).status]).toEqual([path, expect.toBeOneOf([403, 404])]);
    expect((await paul.get("tasks/report")).status).toBe(403);
    const told = [
      await paul.get("runners"),
      await paul.get(`jobs/${id}`),
      await paul.get(`jobs/${id}/events`),
    ];
    const output = await Promise.all(
      ["", "?stage=clone"].map((query) => paul.get(`jobs/${id}/output${query}`)),
    );
    for (const secret of [password, gitPassword, "team/reports"])
      expect(JSON.stringify([told, output])).not.toContain(secret);
    const grab = await paul.berth(["apply", "-f", "-"], definitions("1Gi"));
    expect([grab.code, grab.stderr]).toEqual([119, expect.stringContaining("nothing was changed")]);

    // Eve, to whom nothing was given of it: there is no such task, and there are no jobs.
    expect((await eve.get("tasks")).body).toMatchObject({ items: [] });
    expect(((await eve.get("jobs")).body as JobList).items).toEqual([]);
    const hidden = [
      "tasks/report",
      "tasks/report/schema",
      "tasks/report/jobs",
      `jobs/${id}`,
      `jobs/${id}/output`,
    ];
    for (const path of [...hidden, `jobs/${id}/result`, "runners/reports"])
      expect([path, (await eve.get(path)).status]).toEqual([path, 404]);
    expect((await eve.post("tasks/report/run", { month: "2026-01" })).status).toBe(404);
    expect((await eve.get("secrets/database")).status).toBe(403);
    expect((await eve.berth(["task", "run", "report", "--set", "month=2026-01"])).code).toBe(120);

    // A change is one by the file, too: the next run is of the new version, and what ran says what it was.
    const dry = await admin.berth(["apply", "-f", "-", "--dry-run"], definitions("300Mi"));
    expect(dry.stdout).toContain('resources.memory: "256Mi" -> "300Mi"');
    await must(["apply", "-f", "-"], definitions("300Mi"));
    const later = (await paul.post("tasks/report/run?wait=60s", { month: "2026-03" })).body as Job;
    expect([later.state, later.task?.runnerVersion, later.task?.version]).toEqual(["succeeded", 2, 1]);
    const exported = await must(["export"]);
    expect(exported).not.toContain(password);
    expect((await admin.berth(["apply", "-f", "-", "--exit-code"], exported)).code).toBe(0);
  },
);
