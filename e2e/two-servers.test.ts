import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { subject as local } from "../packages/server/test/support/local-subject.ts";
import { cgroupNameOf } from "../packages/server/test/support/cgroup-name.ts";
import { openServerBench, type ServerBench } from "../packages/server/test/support/server-bench.ts";
import { until } from "../packages/server/test/support/until.ts";

const missing = await local.missing();
if (missing !== null) console.log(`SKIPPED: servers after and beside one another, because ${missing}`);

describe.skipIf(missing !== null)("servers on one host", () => {
  let first: ServerBench;
  let second: ServerBench;
  beforeEach(() => {
    first = openServerBench("local");
    second = openServerBench("local");
  });
  afterEach(async () => {
    await second[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
  });

  it("refuses to start with the control group of a server that runs, and takes it once that is gone", async () => {
    const env = { BERTH_CGROUP: cgroupNameOf(first.root) };
    const holder = await first.start();
    await expect(second.start({ env })).rejects.toThrow(
      /Cannot use control group ".*": another server on this host is using it[^]*BERTH_CGROUP/,
    );
    await holder.kill();
    await second.start({ env });
  });

  it("says how many jobs go on when it is ended, and how many it took up when it starts", async () => {
    const server = await first.start({ env: { BERTH_MAX_JOBS: "2" } });
    expect(server.printed).toHaveLength(1);
    for (let n = 0; n < 3; n += 1) await server.api.submit({ command: "sleep", args: ["60"] });
    const running = async (): Promise<boolean> =>
      (await server.api.jobs()).filter(({ state }) => state === "running").length === 2;
    await until(running, { what: "two jobs that run" });
    await server.terminate();
    await until(() => server.printed.length > 1, { what: "the line about what goes on" });
    expect(server.printed[1]).toBe(
      "Stopping with 2 jobs running and 1 in the queue; what runs goes on, and the next start takes it up",
    );
    const next = await first.start({ env: { BERTH_MAX_JOBS: "2" } });
    await until(() => next.printed.length > 1, { what: "the line about what was taken up" });
    expect(next.printed[1]).toBe("Took up 2 jobs running and 1 in the queue that the server before had left");
    for (const { id } of await next.api.jobs()) await next.api.stop(id, "1s");
  });
});
