import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Job } from "@berth/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { freePort } from "./support/free-port.ts";
import { startGitServer } from "./support/git-server.ts";
import { openTasksOfGit } from "./support/tasks-of-git.ts";
import { until } from "./support/until.ts";

const scope = new AsyncDisposableStack();
const git = scope.use(await startGitServer());
const tasks = await openTasksOfGit("runs that are made again once the host of their code is there");
if (tasks !== null) scope.use(tasks);
afterAll(() => scope.disposeAsync());

/** Where the host is to be, and is not yet; and the way to have it there. */
async function absentHost(): Promise<{ port: number; appear: () => Promise<void> }> {
  const port = await freePort();
  const server = createServer((client) => {
    const host = connect(git.port, "127.0.0.1");
    for (const socket of [client, host]) socket.on("error", () => socket.destroy());
    client.pipe(host).pipe(client);
  });
  scope.defer(() => void server.close());
  const appear = async (): Promise<void> => void (await once(server.listen(port, "127.0.0.1"), "listening"));
  return { port, appear };
}

describe.skipIf(tasks === null)("a run whose code cannot be had", () => {
  async function begin(name: string, url: string): Promise<string> {
    if (tasks === null) throw new Error("there is no server");
    await tasks.made("runners", { name, spec: { url } });
    const spec = { runner: name, command: "cat file", network: "none", retry: { most: 5, backoff: "2s" } };
    await tasks.made("tasks", { name, spec });
    const answer = await tasks.server.api.request(`/api/v1/tasks/${name}/run`, { method: "POST" });
    return ((await answer.json()) as Job).id;
  }
  const api = () => {
    if (tasks === null) throw new Error("there is no server");
    return tasks.server.api;
  };

  it("is made again until its host is there, and then runs that code", async () => {
    const commit = git.commit("open/late.git", { file: "late" });
    const { port, appear } = await absentHost();
    const first = await begin("late", `http://127.0.0.1:${port}/open/late.git`);
    const failed = await api().end(first);
    expect(failed.cause).toMatchObject({ code: "source_failed", evidence: { reason: "unreachable" } });
    expect(failed.retry).toMatchObject({ attempt: 1, retryOf: null, notRetried: null });
    await appear();
    const last = await until(
      async () => {
        const [newest] = await api().jobs();
        return newest?.state === "succeeded" ? newest : null;
      },
      { what: "a run of that code", timeoutMs: 120_000 },
    );
    expect(last).toMatchObject({ task: { name: "late", commit }, retry: { retryOf: first, retryAt: null } });
    expect(await api().output(last.id)).toBe("late");
    expect((await api().job(first)).retry?.retriedAs).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("is not made again where the host refuses it", async () => {
    git.commit("closed.git", { file: "closed" });
    const { cause, retry } = await api().end(await begin("closed", git.url("closed.git")));
    expect([cause?.evidence["reason"], retry]).toEqual(["not_authorised", undefined]);
  });
});
