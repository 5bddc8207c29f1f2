import { afterEach, beforeEach, expect, it } from "vitest";
import type { ScriptedJob } from "../../sdk/test/support/scripted-job.ts";
import { ScriptedServer } from "../../sdk/test/support/scripted-server.ts";
import { until } from "../../server/test/support/until.ts";
import { startBerth, type RunOptions, type Running } from "./support/run-berth.ts";

let server: ScriptedServer;

beforeEach(async () => {
  server = await new ScriptedServer().listen();
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function options(more: RunOptions = {}): RunOptions {
  return { ...more, env: { BERTH_URL: server.url, BERTH_TOKEN: "t", ...more.env } };
}

function start(argv: string[], more: RunOptions = {}): Running {
  return startBerth(argv, options(more));
}

function tell(life: (job: ScriptedJob) => void): void {
  server.onSubmit = (job) => setImmediate(life, job);
}

it("leaves at once at the second Ctrl-C and says what becomes of the job", async () => {
  tell((job) => {
    job.enter("running");
    job.write("stdout", "working\n");
  });
  const running = start(["run", "--", "sleep", "1d"]);
  await running.stdout.shows(/working/);
  const [job] = server.jobs.values();
  running.signals.emit("SIGINT", "SIGINT");
  while (job?.state !== "stopping") await job?.changed(AbortSignal.timeout(5_000));
  running.signals.emit("SIGINT", "SIGINT");
  expect(await running.code).toBe(130);
  expect(running.stderr.text).toMatch(/Left: (job|the server has not confirmed).*see `berth status 0199/);
});

it("leaves at the second Ctrl-C also when nobody reads what it has written", async () => {
  tell((job) => {
    job.enter("running");
    job.write("stdout", "x".repeat(2 ** 20));
  });
  const running = start(["run", "--", "yes"]);
  // From the first byte on.
  running.stdout._write = () => undefined;
  const [job] = await until(() => (server.jobs.size > 0 ? [...server.jobs.values()] : null), {
    what: "the job",
  });
  await until(() => running.stdout.writableNeedDrain, { what: "a reader that stands still" });
  running.signals.emit("SIGINT", "SIGINT");
  while (job?.state !== "stopping") await job?.changed(AbortSignal.timeout(5_000));
  running.signals.emit("SIGINT", "SIGINT");
  expect(await running.code).toBe(130);
  expect(running.exitsSoon).toBe(130);
});

it("stops a job whose submit was under way at Ctrl-C", async () => {
  const running = start(["run", "--", "sleep", "1d"]);
  server.onSubmit = (job) => {
    running.signals.emit("SIGTERM", "SIGTERM");
    job.enter("running");
  };
  await running.stderr.shows(/Stopping job/);
  const [job] = server.jobs.values();
  while (job?.state !== "stopping") await job?.changed(AbortSignal.timeout(5_000));
  job.enter("canceled");
  expect(await running.code).toBe(143);
});

it("stops the job when nobody reads its output any more", async () => {
  tell((job) => {
    job.enter("running");
    job.write("stdout", "one\n");
  });
  const running = start(["run", "--", "yes"]);
  await running.stdout.shows(/one/);
  const [job] = server.jobs.values();
  running.stdout.emit("error", Object.assign(new Error("EPIPE"), { code: "EPIPE" }));
  job?.write("stdout", "two\n");
  while (job?.state !== "stopping") await job?.changed(AbortSignal.timeout(5_000));
  job.enter("canceled");
  expect(await running.code).toBe(141);
});
