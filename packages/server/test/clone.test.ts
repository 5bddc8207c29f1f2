import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gitPassword, gitUser, startGitServer } from "./support/git-server.ts";
import { openTasksOfGit, type TasksOfGit } from "./support/tasks-of-git.ts";

/** What a hostile host says to some paths. */
function hostile(request: IncomingMessage, response: ServerResponse): boolean {
  const { url: path = "", headers } = request;
  const [, first = ""] = path.split("/");
  switch (first) {
    case "moved":
      response.writeHead(302, { location: `http://127.0.0.1:${git.port}/open/a.git${path.slice(12)}` }).end();
      return true;
    case "broken":
      response.writeHead(500).end();
      return true;
    case "echo": {
      if (headers.authorization === undefined) {
        response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
        return true;
      }
      const shown = Buffer.from(headers.authorization.slice(6), "base64").toString();
      response.writeHead(403, { "content-type": "text/plain" }).end(`You are ${shown}\n`);
      return true;
    }
    case "endless":
      endless(request, response);
      return true;
    default:
      return false;
  }
}

/** A pack that never ends: its head promises objects, and one of them is as large as one waits for. */
function endless(request: IncomingMessage, response: ServerResponse): void {
  if (request.url?.includes("info/refs")) {
    response.writeHead(200, { "content-type": "application/x-git-upload-pack-advertisement" });
    const ref = `${"1".repeat(40)} refs/heads/main\0shallow side-band-64k\n`;
    return void response.end(`001e# service=git-upload-pack\n0000${lineOf(ref)}0000`);
  }
  response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" });
  response.write(`${lineOf(`shallow ${"1".repeat(40)}\n`)}0000`);
  let asked = "";
  request.on("data", (block: Buffer) => (asked += block.toString("latin1")));
  // It asks twice: how deep that is, and then for the pack itself. A pack in the first answer is none to git.
  request.on("end", () => (asked.endsWith(lineOf("done\n")) ? pourPack(response) : response.end()));
}

function pourPack(response: ServerResponse): void {
  response.write(lineOf("NAK\n"));
  const band = (block: Buffer) =>
    Buffer.concat([Buffer.from((block.length + 5).toString(16).padStart(4, "0")), Buffer.from([1]), block]);
  // A pack of one blob of 16 GiB, stored and not deflated.
  response.write(band(Buffer.from("5041434b0000000200000001b0808080800478 01".replace(" ", ""), "hex")));
  const stored = band(Buffer.concat([Buffer.from([0, 0, 0xf0, 0xff, 0x0f]), Buffer.alloc(0xf000)]));
  const pour = (): void => {
    while (!response.destroyed && response.write(stored));
  };
  response.on("drain", pour);
  pour();
}
const lineOf = (text: string) => (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;

const git = await startGitServer(hostile);
const tasks = await openTasksOfGit("the code of tasks from git");
afterAll(async () => {
  await tasks?.[Symbol.asyncDispose]();
  await git[Symbol.asyncDispose]();
});

const on = (): TasksOfGit => {
  if (tasks === null) throw new Error("there is no server");
  return tasks;
};
const made: TasksOfGit["made"] = (noun, body) => on().made(noun, body);
const run: TasksOfGit["run"] = (spec, command) => on().run(spec, command);
const credentials = { token: { secret: "git" }, username: gitUser };

describe.skipIf(tasks === null)("a task whose runner has a repository", () => {
  beforeAll(async () => {
    await made("secrets", { name: "git", values: { token: gitPassword } });
    await made("networks", { name: "pypi", spec: { domains: ["pypi.org"] } });
    await made("secrets", { name: "wrong", values: { token: "not-the-password" } });
    git.commit("open/a.git", { "hello.sh": "echo hello", "sub/file": "x" });
    git.commit("private.git", { "secret.sh": "echo private" });
  });

  it("finds its files, and nothing else, at the commit that the job tells", async () => {
    const { job, stdout } = await run(
      { url: git.url("open/a.git") },
      "sh hello.sh; ls -A . /etc/secret; pwd",
    );
    expect([job.cause?.message, stdout]).toEqual([
      "Exited with code 0",
      "hello\n.:\nhello.sh\nsub\n\n/etc/secret:\n/work\n",
    ]);
    expect(job.task?.commit).toBe(git.git("open/a.git", "rev-parse", "main").trim());
    expect(job.stages?.map(({ kind, state }) => [kind, state])).toEqual([
      ["clone", "succeeded"],
      ["command", "succeeded"],
    ]);
  });

  it("fetches a commit once, which each run then finds as it is, and again where the branch may have moved", async () => {
    git.commit("open/kept.git", { "kept.sh": "echo first", "data/file": "of the repository" });
    const url = git.url("open/kept.git");
    const command = "sh kept.sh; cat data/file; echo mine >data/file; rm kept.sh; touch new";
    const kinds = ({ stages = [] }: { stages?: readonly { kind: string }[] | undefined }) =>
      stages.map(({ kind }) => kind);
    const ran = [];
    for (const refresh of ["1h", "1h", "0s"]) ran.push(await run({ url, refresh }, command));
    expect(ran.map(({ stdout }) => stdout)).toEqual(Array(3).fill("first\nof the repository"));
    expect(ran.map(({ job }) => kinds(job))).toEqual([
      ["clone", "command"],
      ["command"],
      ["clone", "command"],
    ]);
    git.commit("open/kept.git", { "kept.sh": "echo moved" });
    const moved = await run({ url, refresh: "0s" }, command);
    const first = ran[0]?.job.task?.commit ?? "";
    const pinned = await run({ url, ref: first }, command);
    expect([moved.stdout, pinned.stdout, kinds(pinned.job)]).toEqual([
      "moved\nof the repository",
      "first\nof the repository",
      ["command"],
    ]);
    expect(pinned.job.task?.commit).toBe(first);
    const others = await run({ url, ref: first, sourceLimit: "1MiB" }, command);
    expect([others.stdout, kinds(others.job)]).toEqual(["first\nof the repository", ["clone", "command"]]);
  });

  it("is let in by a password that nobody but the stage sees", async () => {
    const { job, stdout } = await run(
      { url: git.url("private.git"), credentials },
      "sh secret.sh; env; ls /etc/secret",
    );
    expect([job.cause?.message, stdout]).toEqual([
      "Exited with code 0",
      expect.stringMatching(/^private/) as string,
    ]);
    expect(stdout).not.toContain(gitPassword);
  });

  it("is not given what was fetched by what its secret held before, whatever it asks for", async () => {
    const ran = async (secret: string, ref: string) => {
      const spec = { url: git.url("private.git"), credentials: { token: { secret } }, refresh: "24h", ref };
      const { job, stdout } = await run(spec, "sh secret.sh");
      return [stdout, job.cause?.evidence["reason"] ?? job.stages?.length ?? 1];
    };
    const set = async (token: string): Promise<void> => {
      const body = JSON.stringify({ values: { token } });
      const answer = await on().server.api.request("/api/v1/secrets/turns", { method: "PATCH", body });
      if (answer.status !== 200) throw new Error(await answer.text());
    };
    await made("secrets", { name: "turns", values: { token: gitPassword } });
    const commit = git.git("private.git", "rev-parse", "main").trim();
    expect([await ran("turns", "main"), await ran("turns", commit)]).toEqual([
      ["private\n", 2],
      ["private\n", 1],
    ]);
    await set("not-the-password");
    for (const ref of ["main", commit]) expect(await ran("turns", ref)).toEqual(["", "not_authorised"]);
    const deleted = await on().server.api.request("/api/v1/secrets/turns", { method: "DELETE" });
    expect(deleted.status).toBe(204);
    await made("secrets", { name: "turns", values: { token: "another-that-is-wrong" } });
    expect(await ran("turns", commit)).toEqual(["", "not_authorised"]);
    // The same value as before is let in to the same, whatever version of the secret holds it.
    await set(gitPassword);
    expect(await ran("turns", "main")).toEqual(["private\n", 1]);
  });

  it("has the branch, the tag or the commit that its runner names, and begins in its folder", async () => {
    const first = git.git("open/a.git", "rev-parse", "main").trim();
    git.git("open/a.git", "tag", "-a", "v1", "-m", "v1");
    git.commit("open/a.git", { "hello.sh": "echo later" }, "later");
    const url = git.url("open/a.git");
    for (const [ref, said] of [
      ["v1", "hello\n/work/sub\n"],
      ["later", "later\n/work/sub\n"],
      ["refs/heads/later", "later\n/work/sub\n"],
      [first, "hello\n/work/sub\n"],
    ] as const) {
      const { job, stdout } = await run({ url, ref, subdir: "sub" }, "sh ../hello.sh; pwd");
      expect([ref, job.cause?.message, stdout]).toEqual([ref, "Exited with code 0", said]);
    }
  });

  it("keeps its input, whatever the repository calls its files", async () => {
    const mine = { ".berth-input.json": "theirs", ".berth-door/x": "x", ".berth-git": "x", file: "x" };
    git.commit("open/names.git", mine);
    const { job, stdout } = await run({ url: git.url("open/names.git") }, "ls -A");
    expect([job.cause?.message, stdout]).toEqual(["Exited with code 0", "file\n"]);
  });

  it("gets an empty folder of an empty repository", async () => {
    git.commit("open/empty.git", {});
    const { job, stdout } = await run({ url: git.url("open/empty.git") });
    expect([job.cause?.message, stdout]).toEqual(["Exited with code 0", ""]);
  });

  it.each<[string, () => object, string]>([
    [
      "the wrong password",
      () => ({ url: git.url("private.git"), credentials: { token: { secret: "wrong" } } }),
      "not_authorised",
    ],
    ["no password", () => ({ url: git.url("private.git") }), "not_authorised"],
    ["no such repository", () => ({ url: git.url("open/none.git") }), "no_such_repository"],
    ["no such branch", () => ({ url: git.url("open/a.git"), ref: "none" }), "no_such_ref"],
    ["no such commit", () => ({ url: git.url("open/a.git"), ref: "1".repeat(40) }), "no_such_ref"],
    ["a host that there is not", () => ({ url: "https://git.host.invalid/a" }), "host_not_found"],
    ["a host that is closed", () => ({ url: "http://10.255.255.1/a" }), "refused_address"],
    ["a port at which nobody listens", () => ({ url: "http://127.0.0.1:1/a" }), "unreachable"],
    ["a redirect", () => ({ url: git.url("moved/a.git") }), "redirected"],
    ["a host that fails", () => ({ url: git.url("broken/a.git") }), "unreachable"],
    [
      "a profile that leads elsewhere",
      () => ({ url: "https://93.184.216.34/a", network: "pypi" }),
      "refused_address",
    ],
  ])("says of %s why its code is not there, and runs nothing", async (_what, source, reason) => {
    const { job, stdout } = await run(source(), "echo ran");
    expect([job.state, job.cause?.code, job.cause?.evidence["reason"], stdout]).toEqual([
      "failed",
      "source_failed",
      reason,
      "",
    ]);
    expect(job.cause?.evidence["stage"]).toBe("clone");
    expect(job.stages?.map(({ state }) => state)).toEqual(["failed", "skipped"]);
  });

  it("tells what the door has seen, so that somebody knows what to open or to correct", async () => {
    const messages = [];
    for (const url of ["http://10.255.255.1/a", "http://git.host.invalid/a", "http://127.0.0.1:1/a"])
      messages.push((await run({ url })).job.cause?.message);
    expect(messages).toEqual([
      expect.stringContaining(
        "10.255.255.1 is not public, and BERTH_SOURCES_ALLOW does not name it",
      ) as string,
      expect.stringMatching(/no such host: .*git\.host\.invalid/) as string,
      expect.stringMatching(/cannot be reached.*127\.0\.0\.1:1/) as string,
    ]);
  });

  it("may be no larger than its runner says: what comes, what it becomes, and how many files", async () => {
    git.commit("open/noise.git", { noise: randomBytes(3 * 2 ** 20).toString("latin1") });
    git.commit("open/zeros.git", { zeros: "0".repeat(3 * 2 ** 20) });
    // No file of them is larger than what may come, and they come as one.
    const part = "0".repeat(600_000);
    git.commit("open/parts.git", { a: part, b: part });
    for (const path of ["open/noise.git", "open/zeros.git", "open/parts.git", "endless/a.git"]) {
      const { job } = await run({ url: git.url(path), sourceLimit: "1MiB" });
      expect([path, job.cause?.code, job.cause?.evidence["reason"]]).toEqual([
        path,
        "source_failed",
        "too_large",
      ]);
    }
  });

  it("is told by its own name where it is the job's disk that it does not fit into", async () => {
    const { job } = await run({ url: git.url("open/noise.git"), resources: { disk: "1MiB" } });
    expect(job.cause?.evidence["reason"] ?? job.cause?.code).toMatch(/^disk_limit$/);
    expect(job.cause?.message).not.toContain("sourceLimit");
  });

  it("shows no credentials in its log, whatever its host says", async () => {
    const { job, log } = await run({ url: git.url("echo/a.git"), credentials });
    expect(job.cause?.evidence["reason"]).toBe("not_authorised");
    expect(log).toContain("You are bot:");
    expect(log).not.toContain(gitPassword);
  });
});
