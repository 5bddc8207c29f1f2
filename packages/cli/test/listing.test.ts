import type { Job } from "@berth/sdk";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { runBerth, startBerth } from "./support/run-berth.ts";
import { scriptedCli } from "./support/scripted-cli.ts";

const cli = scriptedCli();

const DAY_MS = 86_400_000;
/** So long ago, whenever this test runs, that nothing in a table moves between two looks. */
const threeDaysAgo = (): string => new Date(Date.now() - 3 * DAY_MS - 3_600_000).toISOString();

/** Ids of jobs that came one second after the other. */
const idAt = (second: number): string =>
  `01a1fe2b-${(0x7c1e + 1000 * second).toString(16)}-7a5b-9c3d-0123456789ab`;

function fill(): void {
  let made = 0;
  const add = (name: string | null, state: Job["state"], change: Partial<Job>): void => {
    const spec = { command: "python3", args: ["report.py", "--verbose"], ...(name !== null && { name }) };
    cli.server.add(spec, idAt((made += 1))).enter(state, { createdAt: threeDaysAgo(), ...change });
  };
  const cause = (code: string): Job["cause"] => ({ code: code as "exit", message: "Because", evidence: {} });
  add("nightly-report-of-everything", "failed", { cause: cause("oom") });
  add("日本語の名前はとても長いです", "failed", { cause: cause("run_timeout") });
  add("e\u0301tude 🚢", "queued", { cause: cause("waiting_for_slot") });
  add(null, "succeeded", {
    exitCode: 0,
    cause: cause("exit"),
    startedAt: threeDaysAgo(),
    usage: { cpuMs: 1, wallMs: 61_500, peakMemoryBytes: null, outputBytes: 0 },
  });
}

async function listAt(columns: number, ...argv: string[]): Promise<string> {
  const running = startBerth(["list", ...argv], cli.options({ terminal: true, columns }));
  expect(await running.code).toBe(0);
  return running.stdout.text;
}

describe("a list on a terminal", () => {
  it.each([40, 60, 80, 120, 200])(
    "of %i columns fits, and keeps states and causes whole",
    async (columns) => {
      fill();
      const text = await listAt(columns, "--columns", "state,cause,name");
      const lines = (await listAt(columns)).trimEnd().split("\n");
      expect(lines.filter((line) => stringWidth(line) > columns)).toEqual([]);
      for (const whole of ["oom", "run_timeout", "waiting_for_slot", "exit 0"]) {
        expect(lines.some((line) => line.includes(whole))).toBe(true);
        expect(text).toContain(whole);
      }
    },
  );

  it("stands in columns, also with characters of two columns", async () => {
    fill();
    const text = await listAt(80, "--columns", "name,state,age,time,cause");
    expect(text).toMatchInlineSnapshot(`
      "NAME                          STATE      AGE  TIME  CAUSE
                                    succeeded  3d   1m2s  exit 0
      étude 🚢                      queued     3d         waiting_for_slot
      日本語の名前はとても長いです  failed     3d         run_timeout
      nightly-report-of-everything  failed     3d         oom
      "
    `);
    const starts = text
      .trimEnd()
      .split("\n")
      .map((line) => stringWidth(line.slice(0, line.search(/STATE|failed|queued|succeeded/))));
    expect(new Set(starts).size).toBe(1);
  });

  it("shows what runs where there is room for it", async () => {
    fill();
    expect(await listAt(120)).toContain("python3 report.py --verbose");
    expect(await listAt(80)).not.toContain("python3");
  });

  it("shortens ids to their time, and as far as the list can tell them apart", async () => {
    const one = cli.server.add({ command: "x" }, idAt(1));
    const [alone] = [...(await ids(80))];
    expect(alone).toBe(one.id.slice(0, 13));
    expect([...(await ids(40))]).toEqual([one.id.slice(0, 11)]);
    const two = cli.server.add({ command: "x" }, idAt(2));
    const [second = "", first = ""] = await ids(80);
    expect([two.id.startsWith(second), one.id.startsWith(first), first === second]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await ids(null)).toEqual([two.id, one.id]);
  });

  it("never shows a job as running for longer than it is old", async () => {
    const since = new Date(Date.now() - 1_600).toISOString();
    cli.server.add({ command: "x" }).enter("running", { createdAt: since, startedAt: since });
    const [, age, time] =
      /running +(\d+)s +(\d+)s/.exec(await listAt(80, "--columns", "state,age,time")) ?? [];
    expect(age).toBe(time);
  });

  /** The first column, without its title. */
  async function ids(columns: number | null): Promise<string[]> {
    const options = columns === null ? cli.options() : cli.options({ terminal: true, columns });
    const { stdout } = await runBerth(["list"], options);
    return stdout
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(" ")[0] ?? "");
  }
});

describe("the columns of a list", () => {
  it("are those that were asked for, in their order, whole where it is no terminal", async () => {
    cli.server.add({ command: "echo", args: ["hi"], name: "n", labels: { team: "a" } });
    const { stdout } = await runBerth(["list", "--columns", "command, NAME,labels"], cli.options());
    expect(stdout).toBe("COMMAND  NAME  LABELS\necho hi  n     team=a\n");
  });

  it("are named when there is none of that name, before anything is asked", async () => {
    const { code, stderr } = await runBerth(["list", "--columns", "id,nmae"], cli.options());
    expect([code, stderr]).toEqual([
      118,
      expect.stringMatching(/Cannot show the column "nmae".*\nFix: Choose from id, name, state/) as string,
    ]);
    expect(cli.server.requests).toEqual([]);
  });

  it("are the ids alone with --quiet", async () => {
    const job = cli.server.add();
    expect((await runBerth(["list", "-q"], cli.options({ terminal: true }))).stdout).toBe(`${job.id}\n`);
  });
});

describe("a job that is called by its name, or by the beginning of its id", () => {
  it("is found by every command that takes an id", async () => {
    const job = cli.server.add({ command: "x", args: [], name: "counter" });
    job.write("stdout", "one\n");
    job.enter("succeeded", { exitCode: 0 });
    const berth = (...argv: string[]) => runBerth(argv, cli.options());
    expect(await berth("status", "counter")).toMatchObject({
      stdout: expect.stringContaining(job.id) as string,
      stderr: "",
    });
    expect((await berth("output", job.id.slice(0, 35))).stdout).toBe("one\n");
    expect((await berth("output", "--id", "counter")).stdout).toBe("one\n");
    expect((await berth("stop", "counter")).stdout).toBe(`${job.id} is succeeded\n`);
    expect(await berth("rm", "counter")).toMatchObject({ code: 0, stdout: `${job.id}\n` });
  });

  it("is not asked for when its whole id is given", async () => {
    const job = cli.server.add();
    await runBerth(["status", job.id], cli.options());
    expect(cli.server.requests).toHaveLength(1);
  });

  it("is told from others of that name by id, name and state", async () => {
    const [one, two] = [
      cli.server.add({ command: "x", name: "twin" }),
      cli.server.add({ command: "x", name: "twin" }),
    ];
    one.enter("running");
    const { code, stderr } = await runBerth(["status", "twin"], cli.options());
    expect(code).toBe(118);
    const [what, ...lines] = stderr.trimEnd().split("\n");
    expect(what).toBe('Error: Cannot tell which job "twin" means: 2 jobs are called so');
    expect(lines).toEqual([
      `  ${two.id}  twin  queued`,
      `  ${one.id}  twin  running`,
      "Fix: Name one by more of its id: `berth list` shows them",
    ]);
  });

  it("is not there when nobody is called so", async () => {
    expect(await runBerth(["status", "nobody"], cli.options())).toMatchObject({
      code: 120,
      stderr: expect.stringContaining('Cannot find job "nobody": no id of yours begins so') as string,
    });
  });
});
