import { describe, expect, it } from "vitest";
import { startInProcessServer } from "../../server/test/support/in-process-server.ts";
import { runBerth, startBerth } from "./support/run-berth.ts";
import { scriptedCli } from "./support/scripted-cli.ts";

const cli = scriptedCli();

describe("the output of a job that runs", () => {
  it("is followed on a terminal, and shown as far as it is elsewhere or when told so", async () => {
    const job = cli.server.add();
    job.enter("running");
    job.write("stdout", "one\n");
    const following = startBerth(["output", job.id], cli.options({ terminal: true }));
    await following.stdout.shows(/one/);
    expect((await runBerth(["output", job.id], cli.options())).stdout).toBe("one\n");
    const told = await runBerth(["output", "--no-follow", job.id], cli.options({ terminal: true }));
    expect(told.stdout).toBe("one\n");
    job.write("stdout", "two\n");
    job.enter("succeeded");
    expect([await following.code, following.stdout.text]).toEqual([0, "one\ntwo\n"]);
  });

  it("goes on after its last lines", async () => {
    const job = cli.server.add();
    job.enter("running");
    job.write("stdout", "one\ntwo\nthree\n");
    const following = startBerth(["logs", "-f", "--tail", "1", job.id], cli.options());
    await following.stdout.shows(/three/);
    job.write("stdout", "four\n");
    job.enter("succeeded");
    expect([await following.code, following.stdout.text]).toEqual([0, "three\nfour\n"]);
  });
});

describe("the last lines of a job's output", () => {
  const shown = async (...argv: string[]) => {
    const { code, stdout, stderr } = await runBerth(["logs", ...argv], cli.options());
    expect(code).toBe(0);
    return [stdout, stderr];
  };

  it("are counted over both streams in the order in which they came", async () => {
    const job = cli.server.add();
    for (const n of [1, 2, 3]) {
      job.write("stdout", `out ${n}\n`);
      job.write("stderr", `err ${n}\n`);
    }
    job.write("stdout", "unfinished");
    job.enter("succeeded");
    expect(await shown("--tail", "3", job.id)).toEqual(["out 3\nunfinished", "err 3\n"]);
    expect(await shown("--tail", "2", "--stream", "stderr", job.id)).toEqual(["err 2\nerr 3\n", ""]);
    expect(await shown("--tail", "0", job.id)).toEqual(["", ""]);
    expect(await shown("--tail", "99", "--stream", "stdout", job.id)).toEqual([
      "out 1\nout 2\nout 3\nunfinished",
      "",
    ]);
  });

  it("are found at the end of much, without reading all of it", async () => {
    const job = cli.server.add();
    const line = `${"x".repeat(999)}\n`;
    for (let n = 0; n < 300; n += 1) job.write("stdout", line.repeat(10));
    job.write("stdout", "last\n");
    job.enter("succeeded");
    const asked: number[] = [];
    cli.server.intercept = ({ path, query }) => {
      if (path.endsWith("/output")) asked.push(Number(query.get("offset")));
      return false;
    };
    expect((await shown("--tail", "100", job.id))[0]).toHaveLength(99 * 1000 + 5);
    expect(asked[0]).toBe(3_000_005 - 65_536);
    expect(asked.every((offset) => offset > 2_000_000)).toBe(true);
  });

  it("have the time before each line with --timestamps, also one that came in pieces", async () => {
    const job = cli.server.add();
    job.write("stdout", "on");
    job.write("stdout", "e\ntwo\n");
    job.enter("succeeded");
    expect(await shown("-t", job.id)).toEqual([
      "2026-01-02T03:04:05.000Z one\n2026-01-02T03:04:05.000Z two\n",
      "",
    ]);
  });

  it("cannot begin in two places", async () => {
    const { code, stderr } = await runBerth(["logs", "--offset", "1", "--tail", "1", "x"], cli.options());
    expect([code, stderr]).toEqual([118, expect.stringContaining("Leave out --tail and --since") as string]);
    expect((await runBerth(["logs", "--since", "yesterday", "x"], cli.options())).stderr).toContain(
      "Write it like --since 10m",
    );
  });
});

it("shows what came since a moment, as the server noted the times", async () => {
  await using server = await startInProcessServer();
  const env = {
    BERTH_URL: server.url,
    BERTH_TOKEN: server.api.authorization.slice("Bearer ".length),
  };
  const script = ["--", "fake", "print=early", "run-for=600ms", "print-err=late", "print=later"];
  expect((await runBerth(["run", "--name", "clocked", ...script], { env })).code).toBe(0);
  const lines = (await runBerth(["logs", "--json", "clocked"], { env })).stdout.trim().split("\n");
  const times = lines.map((line) => Date.parse((JSON.parse(line) as { at: string }).at));
  const middle = new Date(((times[0] ?? 0) + (times.at(-1) ?? 0)) / 2).toISOString();
  const since = (...argv: string[]) => runBerth(["logs", "--since", ...argv, "clocked"], { env });
  expect(await since(middle)).toEqual({ code: 0, stdout: "later\n", stderr: "late\n" });
  expect(await since(middle, "--tail", "1")).toEqual({ code: 0, stdout: "later\n", stderr: "" });
  expect((await since("1h")).stdout).toBe("early\nlater\n");
  expect((await since("0s")).stdout).toBe("");
});
