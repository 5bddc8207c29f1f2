import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, describe, expect, it } from "vitest";
import { startGitServer } from "./support/git-server.ts";
import { openTasksOfGit, type TasksOfGit } from "./support/tasks-of-git.ts";
import { until } from "./support/until.ts";

/* What is fetched again, and what is not: a branch that may have moved, and jobs that want the same at once. */

/** The first request below a path is answered when the test says so, by git or with a failure. */
const gates = new Map<string, Promise<"git" | "failure">>();

function gated(request: IncomingMessage, response: ServerResponse): boolean | Promise<boolean> {
  const [name, gate] = [...gates].find(([path]) => (request.url ?? "").startsWith(`/open/${path}.git`)) ?? [];
  if (name === undefined || gate === undefined) return false;
  gates.delete(name);
  return gate.then((by) => {
    if (by === "git") return false;
    response.writeHead(500).end();
    return true;
  });
}

const scope = new AsyncDisposableStack();
const git = scope.use(await startGitServer(gated));
const tasks = await openTasksOfGit("what is fetched again");
if (tasks !== null) scope.use(tasks);
afterAll(() => scope.disposeAsync());

const on = (): TasksOfGit => {
  if (tasks === null) throw new Error("there is no server");
  return tasks;
};

const askedFor = (name: string) => git.asked.filter((path) => path.startsWith(`/open/${name}`));

describe.skipIf(tasks === null)("a commit that is kept", () => {
  it("is not fetched again where its branch, or tag, still leads there", async () => {
    git.commit("open/still.git", { file: "first" });
    git.git("open/still.git", "tag", "-a", "v1", "-m", "v1");
    const commit = git.git("open/still.git", "rev-parse", "main").trim();
    for (const ref of ["main", "v1", "refs/heads/main"]) {
      const spec = { url: git.url("open/still.git"), ref, refresh: "0s" };
      const first = await on().run(spec, "cat file");
      const fetched = askedFor("still").length;
      const again = await on().run(spec, "cat file");
      expect([ref, first.stdout, again.stdout, again.job.task?.commit]).toEqual([
        ref,
        "first",
        "first",
        commit,
      ]);
      expect(again.log).toContain(`${ref} still leads to ${commit}`);
      // A look at its refs alone: once for what the host can do, once for the refs.
      expect(askedFor("still").length - fetched).toBe(2);
    }
  });

  it("is another one as soon as the branch has moved, and of a branch that is gone there is none", async () => {
    git.commit("open/moves.git", { file: "first" });
    const spec = { url: git.url("open/moves.git"), ref: "work", refresh: "0s" };
    git.commit("open/moves.git", { file: "first" }, "work");
    expect((await on().run(spec, "cat file")).stdout).toBe("first");
    git.commit("open/moves.git", { file: "second" }, "work");
    const moved = await on().run(spec, "cat file");
    expect([moved.stdout, moved.log]).toEqual(["second", ""]);
    // A tag of that name goes before the branch, as git has it.
    git.git("open/moves.git", "tag", "work", "main");
    expect((await on().run(spec, "cat file")).stdout).toBe("first");
    git.git("open/moves.git", "tag", "-d", "work");
    git.git("open/moves.git", "checkout", "-q", "main");
    git.git("open/moves.git", "branch", "-D", "work");
    const gone = await on().run(spec, "cat file");
    expect([gone.stdout, gone.job.cause?.evidence["reason"]]).toEqual(["", "no_such_ref"]);
  });
});

describe.skipIf(tasks === null)("of two jobs that want one commit at once", () => {
  /** Two, of which the first asks its host, which does not answer yet. */
  async function both(name: string) {
    git.commit(`open/${name}.git`, { file: name });
    const gate = Promise.withResolvers<"git" | "failure">();
    gates.set(name, gate.promise);
    const spec = { url: git.url(`open/${name}.git`), refresh: "0s" };
    const first = await on().begin(spec, "cat file");
    await until(() => askedFor(name).length > 0, { what: "the first to ask" });
    const second = await on().begin(spec, "cat file");
    await until(async () => (await stageOf(second))?.state === "running", { what: "the second to wait" });
    return { first, second, gate };
  }

  const stageOf = async (id: string) => (await on().server.api.job(id)).stages?.[0];
  async function logOf(id: string): Promise<string> {
    const answer = await on().server.api.request(`/api/v1/jobs/${id}/output?stage=clone&stream=stderr`);
    return await answer.text();
  }
  const outputOf = async (id: string) => [
    (await on().server.api.end(id)).state,
    await on().server.api.output(id),
  ];

  it("one fetches it, and the other says that it has waited", async () => {
    const { first, second, gate } = await both("shared");
    gate.resolve("git");
    expect([await outputOf(first), await outputOf(second)]).toEqual(Array(2).fill(["succeeded", "shared"]));
    const alone = askedFor("shared").length;
    expect(await logOf(first)).toBe("");
    expect(await logOf(second)).toMatch(
      /^Another job was fetching the same: waited for that\nmain still leads to \w+, which is kept/,
    );
    // What one alone asks for, and a look at the refs.
    await on().run({ url: git.url("open/shared.git"), sourceLimit: "1MiB" });
    expect(alone).toBe(askedFor("shared").length - alone + 2);
  });

  it("the other fetches it where the first has failed", async () => {
    const { first, second, gate } = await both("failed");
    gate.resolve("failure");
    expect([await outputOf(first), await outputOf(second)]).toEqual([
      ["failed", ""],
      ["succeeded", "failed"],
    ]);
    expect(await logOf(second)).toBe("Another job was fetching the same: waited for that\n");
  });

  it("the other goes on where the first is stopped", async () => {
    const { first, second, gate } = await both("stopped");
    const stop = await on().server.api.request(`/api/v1/jobs/${first}/stop?grace=0s`, { method: "POST" });
    expect(stop.status).toBeLessThan(300);
    expect([await outputOf(first), await outputOf(second)]).toEqual([
      ["canceled", ""],
      ["succeeded", "stopped"],
    ]);
    gate.resolve("failure");
  });

  it("the one that waits can be stopped", async () => {
    const { first, second, gate } = await both("waiting");
    const stop = await on().server.api.request(`/api/v1/jobs/${second}/stop`, { method: "POST" });
    expect(stop.status).toBeLessThan(300);
    expect(await outputOf(second)).toEqual(["canceled", ""]);
    gate.resolve("git");
    expect(await outputOf(first)).toEqual(["succeeded", "waiting"]);
  });
});
