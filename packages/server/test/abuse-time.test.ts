import { afterAll, describe, expect, it } from "vitest";
import { type LocalServer, startLocalServer } from "./support/local-server.ts";

const started = await startLocalServer("what jobs do that run too long");
afterAll(() => started?.[Symbol.asyncDispose](), 60_000);

function server(): LocalServer {
  if (!started) throw new Error("skipped");
  return started;
}

describe.skipIf(started === null)("the time of a job", { timeout: 60_000 }, () => {
  it("ABUSE 8: a busy loop meets the limit of CPU time, a sleeping one that of running time", async () => {
    const timeouts = { cpu: "500ms", run: "4s" };
    const busy = server().run("while :; do :; done", { timeouts });
    const asleep = server().run("while :; do sleep 0.1; done", { timeouts });
    expect((await busy).job).toMatchObject({ state: "failed", cause: { code: "cpu_timeout" } });
    expect((await asleep).job).toMatchObject({ state: "failed", cause: { code: "run_timeout" } });
    expect((await busy).job.cause?.evidence["usedMs"]).toBeGreaterThanOrEqual(500);
  });

  it("ABUSE 8: CPU time of many processes and of children long gone counts together", async () => {
    const many =
      "while :; do for n in 1 2 3 4; do head -c 20M /dev/zero | md5sum > /dev/null & done; wait; done";
    const { job } = await server().run(many, { timeouts: { cpu: "600ms", run: "20s" } });
    expect(job).toMatchObject({ cause: { code: "cpu_timeout" } });
  });
});
