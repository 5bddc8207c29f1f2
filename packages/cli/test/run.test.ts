import { writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runBerth } from "./support/run-berth.ts";
import { scriptedCli } from "./support/scripted-cli.ts";

const cli = scriptedCli();

function sent(): unknown {
  return cli.server.requests.find(({ method }) => method === "POST")?.body;
}

it("passes both streams through as they are and ends with the job's code", async () => {
  cli.tell((job) => {
    job.write("stdout", "out \u001b[31mred\u001b[0m\n");
    job.write("stderr", "err\n");
    job.enter("failed", {
      exitCode: 3,
      cause: { code: "exit", message: "The command ended with code 3", evidence: {} },
    });
  });
  expect(await runBerth(["run", "--", "x"], cli.options())).toEqual({
    code: 3,
    stdout: "out \u001b[31mred\u001b[0m\n",
    stderr: "err\n",
  });
});

it.each([
  ["the job's own code", { exitCode: 42 }, 42],
  ["128 and the signal", { signal: "SIGKILL" }, 137],
  ["123 without either", {}, 123],
])("ends with %s", async (_title, change, code) => {
  cli.tell((job) => job.enter("failed", change));
  expect((await runBerth(["run", "--", "x"], cli.options())).code).toBe(code);
});

it("tells the cause where the exit code cannot, also without a terminal, but not with --quiet", async () => {
  const cause = { code: "oom" as const, message: "Memory limit 512 MiB reached", evidence: {} };
  cli.tell((job) => job.enter("failed", { cause }));
  expect((await runBerth(["run", "--", "x"], cli.options())).stderr).toMatch(
    /berth: failed: Memory limit 512 MiB reached/,
  );
  expect((await runBerth(["run", "--quiet", "--", "x"], cli.options())).stderr).toBe("");
});

it("tells the end on a terminal below output that has no newline at its end, and elsewhere as it comes", async () => {
  cli.tell((job) => {
    job.write("stderr", "42");
    job.enter("succeeded", { exitCode: 0 });
  });
  const shown = await runBerth(["run", "--", "x"], cli.options({ terminal: true }));
  expect(shown.stderr).toMatch(/^42\nberth: succeeded/);
  expect((await runBerth(["run", "--", "x"], cli.options())).stderr).toBe("42");
});

it("says on a terminal why a job waits, and nothing of it elsewhere or with --quiet", async () => {
  const cause = { code: "waiting_for_slot" as const, message: "First in the queue", evidence: {} };
  cli.tell((job) => job.enter("queued", { cause }));
  const silent = [cli.start(["run", "--", "x"]), cli.start(["run", "-q", "--", "x"], { terminal: true })];
  const told = cli.start(["run", "--", "x"], { terminal: true });
  await told.stderr.shows(/^berth: Waiting: First in the queue\n$/);
  for (const job of cli.server.jobs.values()) job.enter("succeeded", { exitCode: 0, cause: null });
  expect(await Promise.all([told, ...silent].map(({ code }) => code))).toEqual([0, 0, 0]);
  expect(silent.map(({ stderr }) => stderr.text)).toEqual(["", ""]);
});

it("tells what was not taken or refused, also when the job succeeded", async () => {
  const evidence = {
    exitCode: 0,
    pidsRefused: 2,
    problems: 'Result file "r.json" is not taken: it is a folder',
  };
  cli.tell((job) =>
    job.enter("succeeded", { exitCode: 0, cause: { code: "exit", message: "Exited with code 0", evidence } }),
  );
  const { stderr } = await runBerth(["run", "--", "x"], cli.options());
  expect(stderr).toBe(
    'berth: Result file "r.json" is not taken: it is a folder\n' +
      "berth: A new process or thread was refused 2 times: raise `--pids` if it needs more\n",
  );
  expect((await runBerth(["run", "-q", "--", "x"], cli.options())).stderr).toBe("");
});

it("tells how much of the output was discarded", async () => {
  const usage = { cpuMs: null, wallMs: 1, peakMemoryBytes: null, outputBytes: 1024, outputDropped: 2 ** 20 };
  cli.tell((job) => job.enter("succeeded", { exitCode: 0, usage }));
  const { stderr } = await runBerth(["run", "--", "x"], cli.options());
  expect(stderr).toBe(
    "berth: 1 MiB of output past its limit were discarded: raise `--output-limit` to keep more\n",
  );
});

it("sums up in one line on a terminal", async () => {
  cli.tell((job) => {
    const usage = { cpuMs: 1_100, wallMs: 3_200, peakMemoryBytes: 45 * 2 ** 20, outputBytes: 0 };
    job.enter("succeeded", { exitCode: 0, usage });
  });
  const { stderr } = await runBerth(["run", "--", "x"], cli.options({ terminal: true }));
  expect(stderr).toMatch(/^berth: succeeded \(3\.2s, CPU 1\.1s, memory 45 MiB, 0199[-0-9a-f]+\)\n$/);
});

it("sends what the flags say", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "berth-cli-"));
  const text = join(folder.path, "a.txt");
  const binary = join(folder.path, "b:c.bin");
  writeFileSync(text, "grüß");
  writeFileSync(binary, Buffer.from([0xff, 0]));
  cli.tell((job) => job.enter("succeeded", { exitCode: 0 }));
  const flags = [
    "--file",
    text,
    "-f",
    `${text}:in/x.txt`,
    "-f",
    binary,
    "--env",
    "A=1=2",
    "-e",
    "FROM_ME",
    "--label",
    "team=a",
    "--name",
    "n",
    "--cpu",
    "1.5",
    "--memory",
    "512Mi",
    "--memory-high",
    "400Mi",
    "--io-read",
    "10MiB/s",
    "--io-write",
    "5MiB/s",
    "--pids",
    "64",
    "--disk",
    "1Gi",
    "--timeout",
    "90s",
    "--queue-timeout",
    "1m",
    "--start-timeout",
    "2m",
    "--idle-timeout",
    "3m",
    "--cpu-time",
    "4m",
    "--workdir",
    "/tmp",
    "--stdin",
    "-",
    "--collect",
    "out/**",
    "--collect",
    "b",
    "--result-file",
    "r.json",
    "--output-limit",
    "1Mi",
    "--overflow",
    "discard",
    "--engine",
    "local",
  ];
  const { code } = await runBerth(
    ["run", ...flags, "--", "python3", "x.py", "--memory", "1"],
    cli.options({ stdin: "input", env: { FROM_ME: "mine" } }),
  );
  expect(code).toBe(0);
  expect(sent()).toEqual({
    command: "python3",
    args: ["x.py", "--memory", "1"],
    files: { "a.txt": "grüß", "in/x.txt": "grüß", "b:c.bin": { base64: "/wA=" } },
    env: { A: "1=2", FROM_ME: "mine" },
    labels: { team: "a" },
    name: "n",
    resources: {
      cpu: "1.5",
      memory: "512Mi",
      memoryHigh: "400Mi",
      io: { read: "10MiB/s", write: "5MiB/s" },
      pids: 64,
      disk: "1Gi",
    },
    timeouts: { run: "90s", queue: "1m", start: "2m", idle: "3m", cpu: "4m" },
    workdir: "/tmp",
    stdin: "input",
    collect: ["out/**", "b"],
    resultFile: "r.json",
    output: { limit: "1Mi", overflow: "discard" },
    engine: "local",
  });
});

it.each([
  [
    ["run", "python3", "x.py", "-q", "--url", "http://elsewhere"],
    ["x.py", "-q", "--url", "http://elsewhere"],
  ],
  [
    ["run", "-q", "python3", "--", "-h"],
    ["--", "-h"],
  ],
  [
    ["run", "--", "python3", "--", "x"],
    ["--", "x"],
  ],
])("leaves the words of the command alone: %j", async (argv, args) => {
  cli.tell((job) => job.enter("succeeded", { exitCode: 0 }));
  expect((await runBerth(argv, cli.options())).code).toBe(0);
  expect(sent()).toEqual({ command: "python3", args });
});

it("prints the finished job alone on stdout with --json", async () => {
  cli.tell((job) => {
    job.write("stdout", "hello\n");
    job.enter("succeeded", { exitCode: 0, result: { total: 3 } });
  });
  const { stdout, stderr } = await runBerth(["run", "--json", "--", "x"], cli.options());
  expect(JSON.parse(stdout)).toMatchObject({ state: "succeeded", result: { total: 3 } });
  expect(stderr).toBe("hello\n");
});

it("stops the job at the first Ctrl-C and stays to its end", async () => {
  cli.tell((job) => {
    job.enter("running");
    job.write("stdout", "working\n");
  });
  const running = cli.start(["run", "--", "sleep", "1d"]);
  await running.stdout.shows(/working/);
  const [job] = cli.server.jobs.values();
  running.signals.emit("SIGINT", "SIGINT");
  await running.stderr.shows(/Stopping job 0199.*press Ctrl-C again/);
  while (job?.state !== "stopping") await job?.changed(AbortSignal.timeout(60_000));
  job.write("stdout", "cleaned up\n");
  job.enter("canceled", { signal: "SIGTERM" });
  expect(await running.code).toBe(130);
  expect(running.stdout.text).toBe("working\ncleaned up\n");
});

it("survives a connection that is cut again and again", async () => {
  let cuts = 0;
  cli.server.cutAfter = ({ method, path }) =>
    (path.endsWith("/output") || method === "POST") && cuts++ < 8 ? 200 + cuts * 60 : null;
  cli.tell((job) => {
    for (let n = 0; n < 50; n += 1) job.write("stdout", `line ${n}\n`);
    job.enter("succeeded", { exitCode: 0 });
  });
  const { code, stdout } = await runBerth(["run", "--", "x"], cli.options());
  expect(code).toBe(0);
  expect(stdout).toBe(Array.from({ length: 50 }, (_, n) => `line ${n}\n`).join(""));
  expect(cli.server.jobs.size).toBe(1);
});
