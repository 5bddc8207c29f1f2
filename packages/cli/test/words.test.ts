import { describe, expect, it } from "vitest";
import { until } from "../../server/test/support/until.ts";
import { commandTable } from "../src/commands/command-table.ts";
import { meantBy } from "../src/commands/shell/wrong-words.ts";
import { jobFlags } from "../src/commands/submit/job-flags.ts";
import { inFlags } from "../src/core/text/in-flags.ts";
import { runBerth } from "./support/run-berth.ts";
import { scriptedCli } from "./support/scripted-cli.ts";

const cli = scriptedCli();

async function berth(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return await runBerth(argv, cli.options());
}

describe("berth wait", () => {
  it("ends as the job came out, and says how", async () => {
    const good = cli.server.add();
    const bad = cli.server.add({ command: "x", args: [], name: "bad" });
    good.enter("succeeded", { exitCode: 0 });
    bad.enter("failed", { exitCode: 0, cause: { code: "run_timeout", message: "Too long", evidence: {} } });
    expect(await berth("wait", good.id)).toEqual({ code: 0, stdout: `succeeded (${good.id})\n`, stderr: "" });
    const both = await berth("wait", good.id, "bad");
    expect(both).toEqual({
      code: 124,
      stdout: `succeeded (${good.id})\nfailed: Too long (${bad.id})\n`,
      stderr: "",
    });
    expect(await berth("wait", "--quiet", "bad")).toEqual({ code: 124, stdout: "", stderr: "" });
    expect(JSON.parse((await berth("wait", "--json", "bad")).stdout)).toMatchObject({ state: "failed" });
  });

  it("waits no longer than it is told, and leaves the job alone", async () => {
    const job = cli.server.add();
    job.enter("running");
    expect(await berth("wait", "--timeout", "50ms", job.id)).toEqual({
      code: 124,
      stdout: "",
      stderr: `berth: job ${job.id} has not ended within 50ms: it goes on\n`,
    });
    expect(job.state).toBe("running");
  });

  it.each(["30d", "60d"])("waits as long as %s, which is more than a timer runs", async (time) => {
    const job = cli.server.add();
    job.enter("running");
    const waiting = berth("wait", "--timeout", time, job.id);
    await until(
      () => cli.server.requests.some(({ path, query }) => path.endsWith(job.id) && query.has("wait")),
      {
        what: "the wait",
      },
    );
    job.enter("succeeded", { exitCode: 0 });
    expect(await waiting).toEqual({ code: 0, stdout: `succeeded (${job.id})\n`, stderr: "" });
  });
});

describe("berth ps", () => {
  it("shows what goes on, and with --all what has ended too", async () => {
    cli.server.add({ command: "a", args: [], name: "over" }).enter("succeeded");
    cli.server.add({ command: "b", args: [], name: "alive" }).enter("running");
    const now = (await berth("ps")).stdout;
    expect([now.includes("alive"), now.includes("over")]).toEqual([true, false]);
    expect((await berth("ps", "-a")).stdout).toContain("over");
  });
});

describe("berth events", () => {
  it("shows every state with its time and cause", async () => {
    const job = cli.server.add();
    job.enter("running");
    const message = "Run timeout 1s reached: raise `timeouts.run` or extend the job";
    job.enter("failed", { cause: { code: "run_timeout", message, evidence: {} } });
    const { stdout } = await berth("events", job.id);
    expect(stdout).toBe(
      [
        "2026-01-02T03:04:05.000Z  queued",
        "2026-01-02T03:04:05.000Z  running",
        "2026-01-02T03:04:05.000Z  failed     Run timeout 1s reached: raise `--timeout` or `berth extend` the job",
        "",
      ].join("\n"),
    );
    const lines = (await berth("events", "--json", job.id)).stdout.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      "queued",
      "running",
      "failed",
    ]);
  });
});

describe("berth extend", () => {
  it.each([
    ["as a word", ["10m"]],
    ["by its flag", ["--by", "10m"]],
  ])("takes the time %s", async (_how, time) => {
    const job = cli.server.add();
    job.enter("running", { deadlineAt: "2026-01-02T03:14:05.000Z" });
    cli.server.intercept = ({ path }, response) => {
      if (!path.endsWith("/extend")) return false;
      response.end(JSON.stringify(job.view()));
      return true;
    };
    expect((await berth("extend", job.id, ...time)).stdout).toBe(
      `${job.id} has 10m more, until 2026-01-02T03:14:05.000Z\n`,
    );
    expect(cli.server.requests.at(-1)).toMatchObject({ body: { by: "10m" } });
  });

  it("asks for a time, once", async () => {
    expect((await berth("extend", "x")).stderr).toContain("there is no time\nFix: Add it");
    expect((await berth("extend", "x", "1m", "--by", "2m")).stderr).toContain("there are two times");
  });
});

describe("words that people type", () => {
  it("help CMD is CMD --help, for every command", async () => {
    for (const { name } of commandTable) {
      expect(await berth("help", name)).toEqual(await berth(name, "--help"));
    }
    expect((await berth("help")).stdout).toContain("COMMAND");
  });

  it.each([
    ["ls", "Use `berth list`"],
    ["kill", "Use `berth stop`"],
    ["inspect", "Use `berth status`"],
    ["version", "Use `berth --version`"],
    ["lits", "Did you mean list?"],
  ])("%s leads to the right one", async (word, fix) => {
    const { code, stderr } = await berth(word, "x");
    expect([code, stderr.split("\n")[1]]).toEqual([118, `Fix: ${fix}`]);
  });

  it("lead nowhere but to commands that there are, and none is a command", async () => {
    const known = [...commandTable.map(({ name }) => name), "server", "--version"];
    for (const word of ["ls", "kill", "log", "download", "serve", "job", "auth", "tail"]) {
      expect(known).toContain(meantBy(word)?.split(" ")[0]);
    }
    for (const { name } of commandTable) expect(meantBy(name)).toBeNull();
  });
});

describe("a sentence of the server", () => {
  it("names flags where it named fields, for every flag of a job", () => {
    for (const [flag, { field }] of Object.entries(jobFlags)) {
      if (["command", "name", "label", "io-read", "io-write"].includes(flag)) continue;
      expect(inFlags(`raise \`${field}\``)).toBe(`raise \`--${flag}\``);
    }
    expect(inFlags("raise `memory` if `x` needs `constructor`")).toBe(
      "raise `--memory` if `x` needs `constructor`",
    );
  });
});
