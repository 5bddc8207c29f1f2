import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Job } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type GitServer,
  gitPassword,
  gitUser,
  startGitServer,
} from "../packages/server/test/support/git-server.ts";
import { subject as local } from "../packages/server/test/support/local-subject.ts";
import { openServerBench, type ServerBench } from "../packages/server/test/support/server-bench.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";

/*
 * A server takes seconds to come back to the local engine, so by default it is killed at a few of the boundaries;
 * BERTH_TEST_STAGE_BOUNDARIES=all kills it at each.
 */
const boundaries = [
  "accepted",
  "stage-0-stored",
  "stage-0-started",
  "stage-0-exited",
  "source-fetched",
  "stage-0-recorded",
  "spawned",
  "exited",
  "recorded",
];
const few = ["stage-0-started", "source-fetched", "stage-0-recorded"];
/** While its tree is kept: of both none is left half, and the next run finds it. In a job of their own, as a stage is begun five times at most. */
const whileKept = ["source-copied", "source-taken"];
const killedAt = process.env["BERTH_TEST_STAGE_BOUNDARIES"] === "all" ? boundaries : few;
const env = { BERTH_SOURCES_ALLOW: "127.0.0.0/8" };

const missing = await local.missing();
if (missing !== null) console.log(`SKIPPED: survival of tasks with code from git, because ${missing}`);

describe.skipIf(missing !== null)("a task whose code comes from git", () => {
  let bench: ServerBench;
  let git: GitServer;
  beforeEach(async () => {
    bench = openServerBench("local");
    git = await startGitServer();
  });
  afterEach(async () => {
    await bench[Symbol.asyncDispose]();
    await git[Symbol.asyncDispose]();
  });

  it.each([
    ["is killed", killedAt],
    ["is killed while it keeps it", whileKept],
  ])("finds it and runs once, wherever the server %s", async (_, points) => {
    const commit = git.commit("private.git", {
      "run.sh": "echo begin; echo 1 >>ran; sleep 0.3; ls -A; exit 3",
    });
    const key = randomUUID();
    const post = (
      server: ServerProcess,
      path: string,
      body: object | null,
      headers: Record<string, string> = {},
    ) =>
      server.api.request(`/api/v1/${path}`, {
        method: "POST",
        headers,
        ...(body !== null && { body: JSON.stringify(body) }),
      });
    const run = (server: ServerProcess, by = key) =>
      post(server, "tasks/hello/run", null, { "idempotency-key": by });
    for (const [n, crashAt] of points.entries()) {
      // It may be gone before it has said that it is ready.
      const server = await bench.start({ crashAt, env }).catch(() => null);
      if (n === 0 && server !== null) {
        await post(server, "secrets", { name: "git", values: { token: gitPassword } });
        const credentials = { token: { secret: "git" }, username: gitUser };
        const spec = { url: git.url("private.git"), credentials, refresh: "24h" };
        await post(server, "runners", { name: "code", spec });
        await post(server, "tasks", {
          name: "hello",
          spec: { runner: "code", command: "sh run.sh", collect: ["ran"] },
        });
        await run(server).catch(() => null);
      }
      const exit = server === null ? { signal: "SIGKILL" } : await server.exit();
      expect([crashAt, exit.signal]).toEqual([crashAt, "SIGKILL"]);
    }
    const server = await bench.start({ env });
    const { id } = (await (await run(server)).json()) as Job;
    const job = await server.api.end(id);
    expect(job).toMatchObject({ state: "failed", exitCode: 3, cause: { code: "exit" }, task: { commit } });
    expect(job.stages?.map(({ kind, state }) => [kind, state])).toEqual([
      ["clone", "succeeded"],
      ["command", "failed"],
    ]);
    expect(await server.api.output(id)).toBe("begin\nran\nrun.sh\n");
    const ran = await server.api.request(`/api/v1/jobs/${id}/artifacts/ran`);
    expect(await ran.text()).toBe("1\n");
    await bench.untilCleanedUp(id);
    const again = (await (await run(server, randomUUID())).json()) as Job;
    const { stages = [] } = await server.api.end(again.id);
    expect([stages.map(({ kind }) => kind), await server.api.output(again.id)]).toEqual([
      ["command"],
      "begin\nran\nrun.sh\n",
    ]);
    const kept = join(bench.root, "data", "sources");
    expect([readdirSync(join(kept, "new")), readdirSync(join(kept, "trees")).length]).toEqual([[], 1]);
  });
});
