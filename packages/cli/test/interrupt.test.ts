import { expect, it } from "vitest";
import { until } from "../../server/test/support/until.ts";
import { scriptedCli } from "./support/scripted-cli.ts";

const cli = scriptedCli();

it("leaves at once at the second Ctrl-C and says what becomes of the job", async () => {
  cli.tell((job) => {
    job.enter("running");
    job.write("stdout", "working\n");
  });
  const running = cli.start(["run", "--", "sleep", "1d"]);
  await running.stdout.shows(/working/);
  const [job] = cli.server.jobs.values();
  running.signals.emit("SIGINT", "SIGINT");
  while (job?.state !== "stopping") await job?.changed(AbortSignal.timeout(60_000));
  running.signals.emit("SIGINT", "SIGINT");
  expect(await running.code).toBe(130);
  expect(running.stderr.text).toMatch(/Left: (job|the server has not confirmed).*see `berth status 0199/);
});

it("leaves at the second Ctrl-C also when nobody reads what it has written", async () => {
  cli.tell((job) => {
    job.enter("running");
    job.write("stdout", "x".repeat(2 ** 20));
  });
  const running = cli.start(["run", "--", "yes"]);
  // From the first byte on.
  running.stdout._write = () => undefined;
  const [job] = await until(() => (cli.server.jobs.size > 0 ? [...cli.server.jobs.values()] : null), {
    what: "the job",
  });
  await until(() => running.stdout.writableNeedDrain, { what: "a reader that stands still" });
  running.signals.emit("SIGINT", "SIGINT");
  while (job?.state !== "stopping") await job?.changed(AbortSignal.timeout(60_000));
  running.signals.emit("SIGINT", "SIGINT");
  expect(await running.code).toBe(130);
  expect(running.exitsSoon).toBe(130);
});

it("stops a job whose submit was under way at Ctrl-C", async () => {
  const running = cli.start(["run", "--", "sleep", "1d"]);
  cli.server.onSubmit = (job) => {
    running.signals.emit("SIGTERM", "SIGTERM");
    job.enter("running");
  };
  await running.stderr.shows(/Stopping job/);
  const [job] = cli.server.jobs.values();
  while (job?.state !== "stopping") await job?.changed(AbortSignal.timeout(60_000));
  job.enter("canceled");
  expect(await running.code).toBe(143);
});

it("stops the job when nobody reads its output any more", async () => {
  cli.tell((job) => {
    job.enter("running");
    job.write("stdout", "one\n");
  });
  const running = cli.start(["run", "--", "yes"]);
  await running.stdout.shows(/one/);
  const [job] = cli.server.jobs.values();
  running.stdout.emit("error", Object.assign(new Error("EPIPE"), { code: "EPIPE" }));
  job?.write("stdout", "two\n");
  while (job?.state !== "stopping") await job?.changed(AbortSignal.timeout(60_000));
  job.enter("canceled");
  expect(await running.code).toBe(141);
});
