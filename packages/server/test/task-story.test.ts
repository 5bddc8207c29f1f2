import type { Job } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalServer, startLocalServer } from "./support/local-server.ts";

const server = await startLocalServer("the tasks of real jobs");
beforeAll(async () => {
  await made("runners", "reports", { resources: { memory: "256Mi" }, timeouts: { run: "2m" } });
});
afterAll(() => server?.[Symbol.asyncDispose]());

const on = (): LocalServer => {
  if (server === null) throw new Error("there is no server");
  return server;
};
async function made(noun: string, name: string, spec: object): Promise<void> {
  if (server === null) return;
  const answer = await server.api.request(`/api/v1/${noun}`, {
    method: "POST",
    body: JSON.stringify({ name, spec }),
  });
  if (answer.status !== 201) throw new Error(await answer.text());
}
async function run(name: string, body: string, query = "?wait=60s"): Promise<{ status: number; job: Job }> {
  const answer = await on().api.request(`/api/v1/tasks/${name}/run${query}`, { method: "POST", body });
  return { status: answer.status, job: (await answer.json()) as Job };
}

describe.skipIf(server === null)("a script as an endpoint", () => {
  it("answers a run with the result of the job", async () => {
    const command = 'printf "working\\n^JSON\\n%s\\n^JSON\\n" "$EXTRA_VARS"';
    const input = { type: "object", properties: { who: { type: "string" }, n: { default: 2 } } };
    await made("tasks", "echo", { runner: "reports", command, input, synchronous: true, wait: "1m" });
    const { status, job } = await run("echo", '{"who": "Ada \\"x\\" $HOME"}', "");
    expect([status, job.state, job.result]).toEqual([200, "succeeded", { who: 'Ada "x" $HOME', n: 2 }]);
    expect(job.task).toEqual({ name: "echo", version: 1, runnerVersion: 1 });
  });

  it("answers with a failed job and its cause, too, and with one that has not ended where it was not waited for", async () => {
    await made("tasks", "fails", { runner: "reports", command: "exit 7" });
    const { status, job } = await run("fails", "");
    expect([status, job.state, job.exitCode, job.cause?.code]).toEqual([200, "failed", 7, "exit"]);
    const later = await run("fails", "", "?wait=0s");
    expect(later.status).toBe(202);
    expect((await on().api.end(later.job.id)).exitCode).toBe(7);
  });

  it("gives a long input as a file", async () => {
    await made("tasks", "long", {
      runner: "reports",
      command: ["/bin/sh", "-c", 'wc -c < "$EXTRA_VARS_FILE" > size; echo "${EXTRA_VARS-unset}"'],
      resultFile: "size",
    });
    const { job } = await run("long", JSON.stringify("x".repeat(3 * 2 ** 20)));
    expect([job.state, job.result]).toEqual(["succeeded", 3 * 2 ** 20 + 2]);
    expect(await on().api.output(job.id)).toBe("unset\n");
  });
});
