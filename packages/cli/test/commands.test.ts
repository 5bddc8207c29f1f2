import { expect, it } from "vitest";
import { fail } from "../../sdk/test/support/scripted-server.ts";
import { runBerth, startBerth } from "./support/run-berth.ts";
import { scriptedCli } from "./support/scripted-cli.ts";

const cli = scriptedCli();

async function berth(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return await runBerth(argv, cli.options());
}

/** Ids differ from run to run. */
function masked(text: string): string {
  return text.replace(/0199a000-[-0-9a-f]{27}/g, "0199a000-0000-7000-8000-000000000000");
}

it("starts a job and prints its id alone", async () => {
  const { code, stdout, stderr } = await berth("start", "--", "sleep", "10");
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: `${[...cli.server.jobs.keys()][0]}\n`,
    stderr: "",
  });
  expect(JSON.parse((await berth("start", "--json", "true")).stdout)).toMatchObject({ state: "queued" });
});

it("obeys no control characters in a list", async () => {
  cli.server.add({ command: "a", name: "x\u001b[2J\u202e\n" });
  const { stdout } = await berth("list");
  expect(stdout).toContain("x\\x1b[2J\\u{202e}\\n");
});

it("lists as many as asked for, and says when there are more", async () => {
  for (let n = 0; n < 5; n += 1) cli.server.add();
  const some = await berth("list", "--limit", "3");
  expect(some.stdout.trim().split("\n")).toHaveLength(4);
  expect(some.stderr).toBe("berth: there are more: --limit 6, or --all\n");
  expect(JSON.parse((await berth("list", "--all", "--json")).stdout)).toHaveLength(5);
  expect((await berth("list", "--state", "failed")).stderr).toBe("berth: no jobs\n");
});

it("shows a job", async () => {
  const job = cli.server.add({
    command: "python3",
    args: ["report.py"],
    name: "report",
    labels: { team: "a" },
  });
  job.enter("failed", {
    cause: {
      code: "oom",
      message: "Memory limit 512 MiB reached: raise `memory`",
      evidence: { pidsRefused: 1 },
    },
    usage: { cpuMs: 1_100, wallMs: 3_200, peakMemoryBytes: 2 ** 29, outputBytes: 2048, outputDropped: 1024 },
    isolation: {
      level: "namespaces",
      items: [
        { name: "seccomp", applied: true, detail: "default list" },
        { name: "memory-limit", applied: false, detail: "this host has no memory controller" },
      ],
    },
  });
  const { stdout } = await berth("status", job.id);
  expect(masked(stdout)).toMatchInlineSnapshot(`
    "id         0199a000-0000-7000-8000-000000000000
    name       report
    state      failed
    cause      Memory limit 512 MiB reached: raise \`--memory\` (oom)
    note       A new process or thread was refused once: raise \`--pids\` if it needs more
    note       1 KiB of output past its limit were discarded: raise \`--output-limit\` to keep more
    command    python3 report.py
    labels     team=a
    owner      admin
    engine     fake
    network    none
    created    2026-01-02T03:04:05.000Z
    ended      2026-01-02T03:04:06.000Z
    time       3.2s
    CPU        1.1s
    memory     512 MiB at most
    output     2 KiB
    isolation  namespaces
               applied: seccomp: default list
               not applied: memory-limit: this host has no memory controller
    "
  `);
  expect(JSON.parse((await berth("status", "--json", job.id)).stdout)).toMatchObject({
    cause: { code: "oom" },
  });
});

it("shows output by stream, from an offset, and as lines of JSON", async () => {
  const job = cli.server.add();
  job.write("stdout", "out\n");
  job.write("stderr", "err\n");
  job.enter("succeeded");
  expect(await berth("output", job.id)).toEqual({ code: 0, stdout: "out\n", stderr: "err\n" });
  expect(await berth("output", "--follow", job.id)).toEqual({ code: 0, stdout: "out\n", stderr: "err\n" });
  expect(await berth("output", "--stream", "stderr", job.id)).toEqual({
    code: 0,
    stdout: "err\n",
    stderr: "",
  });
  expect(await berth("output", "--offset", "6", job.id)).toEqual({ code: 0, stdout: "", stderr: "r\n" });
  const lines = (await berth("output", "--json", job.id)).stdout.trim().split("\n");
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { stream: "stdout", offset: 0, data: "b3V0Cg==" },
    { stream: "stderr", offset: 4, data: "ZXJyCg==" },
  ]);
});

it("ends quietly when nobody reads what it prints", async () => {
  const job = cli.server.add();
  job.enter("running");
  job.write("stdout", "one\n");
  const running = startBerth(["output", "--follow", job.id], cli.options());
  await running.stdout.shows(/one/);
  running.stdout.emit("error", Object.assign(new Error("EPIPE"), { code: "EPIPE" }));
  job.write("stdout", "two\n");
  expect(await running.code).toBe(141);
  expect(running.stderr.text).toBe("");
});

it("stops a job, and waits for its end where asked", async () => {
  const job = cli.server.add();
  expect((await berth("stop", "--grace", "2s", job.id)).stdout).toBe(`${job.id} is stopping\n`);
  expect(cli.server.requests.at(-1)?.body).toEqual({ grace: "2s" });
  const stopping = berth("stop", "--wait", job.id);
  const cause = { code: "stopped" as const, message: "Stopped by admin", evidence: {} };
  job.enter("canceled", { cause });
  expect((await stopping).stdout).toBe(`${job.id} is canceled: Stopped by admin\n`);
});

it("deletes what it can and says what it cannot", async () => {
  const running = cli.server.add();
  const done = cli.server.add();
  done.enter("succeeded");
  const { code, stdout, stderr } = await berth("rm", running.id, done.id);
  expect({ code, stdout }).toEqual({ code: 121, stdout: `${done.id}\n` });
  expect(masked(stderr)).toMatchInlineSnapshot(`
    "Error: Cannot delete job "0199a000-0000-7000-8000-000000000000": it is queued
    Fix: Stop the job first, or wait for its end
    Code: JOB_NOT_FINISHED, request req-1
    "
  `);
});

it("shows what the host can enforce, and ends with 1 when something is missing", async () => {
  const check = (name: string, status: string, detail: string, fix: string | null = null): object => ({
    name,
    status,
    detail,
    fix,
  });
  const engine = {
    name: "local",
    default: true,
    capabilities: {},
    slots: { total: 32, busy: 2, queued: 0 },
    readiness: { ready: true, reason: null },
  };
  const checks = [
    check("runtime", "ok", "crun 1.8.1"),
    check(
      "memory-limit",
      "warning",
      "memory limits cannot be enforced, because the memory controller belongs to a version 1 hierarchy here",
      "Boot with systemd.unified_cgroup_hierarchy=1",
    ),
  ];
  cli.server.engines = [{ ...engine, checks }];
  const usable = await runBerth(["doctor"], cli.options({ terminal: true }));
  expect(usable.code).toBe(0);
  expect(usable.stdout).toMatchInlineSnapshot(`
    "Engine local, used by default: 2 of 32 slots busy, 0 jobs wait
    STATUS   CHECK         DETAIL
    ok       runtime       crun 1.8.1
    warning  memory-limit  memory limits cannot be enforced, because the memory
                           controller belongs to a version 1 hierarchy here
    Fix memory-limit: Boot with systemd.unified_cgroup_hierarchy=1

    Database /d/berth.db
    "
  `);
  cli.server.engines = [
    { ...engine, checks: [...checks, check("init", "missing", "no catatonit", "Install catatonit")] },
  ];
  expect((await berth("doctor")).code).toBe(1);
  const broken = { ready: false, reason: "a job of the server's own failed: no room" };
  cli.server.engines = [
    { ...engine, checks: [] },
    { ...engine, name: "fake", default: false, readiness: broken, checks: [] },
  ];
  expect(await berth("doctor")).toMatchObject({
    code: 1,
    stdout: [
      "Engine local, used by default: 2 of 32 slots busy, 0 jobs wait",
      "",
      "Engine fake: 2 of 32 slots busy, 0 jobs wait",
      "It runs no jobs now: a job of the server's own failed: no room",
      "",
      "Database /d/berth.db",
      "",
    ].join("\n"),
  });
});

it("shows what a server stands on, and ends with 1 where something of it is missing", async () => {
  const check = (name: string, status: string, detail: string, fix: string | null = null) => ({
    name,
    status,
    detail,
    fix,
  });
  const away = check("connection", "missing", "Cannot use it: it is down", "Start it");
  const trust = { checks: [check("authority", "ok", '"Berth CA 1" signs, until 2036-01-02')] };
  cli.server.report = { database: { kind: "postgres", place: "postgres://h/berth", checks: [away] }, trust };
  const shown = await runBerth(["doctor"], cli.options({ terminal: true }));
  expect(shown.code).toBe(1);
  expect(shown.stdout).toMatchInlineSnapshot(`
    "
    Database postgres://h/berth
    STATUS   CHECK       DETAIL
    missing  connection  Cannot use it: it is down
    Fix connection: Start it

    Trust in certificates and principals
    STATUS  CHECK      DETAIL
    ok      authority  "Berth CA 1" signs, until 2036-01-02
    "
  `);
  const json = JSON.parse((await berth("doctor", "--json")).stdout) as Record<string, unknown>;
  expect(json).toEqual({ engines: [], ...(cli.server.report as object) });
});

it.each([
  ["to whom the server says no more", "FORBIDDEN"],
  ["of a server from before there was more to tell", "ROUTE_NOT_FOUND"],
] as const)("shows the engines alone %s", async (_who, code) => {
  cli.server.intercept = ({ path }, response) => {
    if (path !== "/api/v1/server") return false;
    fail(response, code, "Cannot read server");
    return true;
  };
  expect(await berth("doctor")).toMatchObject({ code: 0, stdout: "" });
});

it("shows colours on a terminal only, and not with NO_COLOR", async () => {
  cli.server.add().enter("succeeded");
  const red = "\u001b[32m";
  const env = { NO_COLOR: "" };
  expect((await runBerth(["list"], cli.options({ terminal: true, env }))).stdout).toContain(red);
  expect((await runBerth(["list"], cli.options({ env }))).stdout).not.toContain(red);
  expect((await runBerth(["list"], cli.options({ terminal: true }))).stdout).not.toContain(red);
});
