import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gitPassword, gitUser, startGitServer } from "./support/git-server.ts";
import { openTasksOfGit, type TasksOfGit } from "./support/tasks-of-git.ts";
import { until } from "./support/until.ts";

const scope = new AsyncDisposableStack();
/** Requests to this path are answered when the test says so. */
const held = Promise.withResolvers<void>();
const git = scope.use(
  await startGitServer(({ url = "" }, response) => {
    if (url.startsWith("/slow/")) void held.promise.then(() => response.writeHead(500).end());
    return url.startsWith("/slow/");
  }),
);
const tasks = await openTasksOfGit("hostile repositories");
if (tasks !== null) scope.use(tasks);
afterAll(async () => {
  held.resolve();
  await scope.disposeAsync();
});

const on = (): TasksOfGit => {
  if (tasks === null) throw new Error("there is no server");
  return tasks;
};

describe.skipIf(tasks === null)("ABUSE 22: a hostile repository", () => {
  beforeAll(() => on().made("secrets", { name: "git", values: { token: gitPassword } }));

  /** A tree as no git would make it, by its entries: mode, name, content. */
  function tree(repository: string, entries: readonly (readonly [string, string, string])[]): void {
    git.commit(repository, {});
    const path = join(git.root, repository);
    const hash = (kind: string, input: Buffer) =>
      execFileSync("git", ["-C", path, "hash-object", "-w", "-t", kind, "--literally", "--stdin"], { input })
        .toString()
        .trim();
    const parts = entries.map(([mode, name, content]) =>
      Buffer.concat([
        Buffer.from(`${mode} ${name}\0`),
        Buffer.from(
          mode === "160000" ? content : hash(mode === "40000" ? "tree" : "blob", Buffer.from(content)),
          "hex",
        ),
      ]),
    );
    const id = hash("tree", Buffer.concat(parts));
    const commit = git.git(repository, "-c", "user.name=a", "commit-tree", id, "-m", "x").trim();
    git.git(repository, "update-ref", "refs/heads/main", commit);
  }

  it("has links that lead out: they lead there from inside the sandbox", async () => {
    tree("open/links.git", [
      ["120000", "etc", "/etc"],
      ["120000", "shadow", "/etc/shadow"],
      ["120000", "up", "../../../../.."],
    ]);
    const { job, stdout } = await on().run(
      { url: git.url("open/links.git") },
      "readlink shadow; cat shadow 2>/dev/null || echo closed; ls up/work",
    );
    expect([job.cause?.message, stdout]).toEqual([
      "Exited with code 0",
      "/etc/shadow\nclosed\netc\nshadow\nup\n",
    ]);
  });

  it("has no task begin in a folder that is such a link, be it fetched or kept", async () => {
    tree("open/begin.git", [
      ["120000", "etc", "/etc"],
      ["120000", "inside", "."],
      ["120000", "up", "../.."],
    ]);
    const url = git.url("open/begin.git");
    const ran = async (source: object) => {
      const { job, stdout } = await on().run({ url, ...source }, "pwd -P");
      return [job.cause?.evidence["reason"] ?? stdout, job.cause?.evidence["stage"] ?? null];
    };
    expect(await ran({ subdir: "etc" })).toEqual(["leads_out", "clone"]);
    expect(await ran({ subdir: "inside", refresh: "1h" })).toEqual(["/work\n", null]);
    for (const subdir of ["etc", "up/root", "up", "inside/etc"])
      expect([subdir, ...(await ran({ subdir, refresh: "1h" }))]).toEqual([subdir, "leads_out", null]);
  });

  it.each([
    ["git's own folder", [["40000", ".git", ""]]],
    ["git's own folder in other letters", [["40000", ".GIT", ""]]],
    ["a way out", [["100644", "..", "x"]]],
    ["a slash", [["100644", "a/b", "x"]]],
    [
      "one name twice",
      [
        ["100644", "a", "x"],
        ["120000", "a", "/etc"],
      ],
    ],
  ] as const)("whose tree holds %s is refused", async (_what, entries) => {
    const name = `open/t${entries.map(([, entry]) => Buffer.from(entry).toString("hex")).join("")}.git`;
    tree(name, entries);
    const { job } = await on().run({ url: git.url(name) });
    expect([job.cause?.code, job.cause?.evidence["reason"]]).toEqual(["source_failed", "damaged"]);
  });

  it("runs nothing: no hook, no filter, no submodule unless asked, and those of its host alone", async () => {
    git.commit("open/inner.git", { inner: "x" });
    const modules = (path: string) => `[submodule "inner"]\n\tpath = inner\n\turl = ${path}\n`;
    const commit = git.git("open/inner.git", "rev-parse", "main").trim();
    const files = {
      ".gitattributes": "* filter=lfs diff=lfs\n",
      "large.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
      "post-checkout": "#!/bin/sh\ntouch /work/hooked\n",
    };
    const got: string[][] = [];
    for (const [name, url] of [
      ["same", git.url("open/inner.git")],
      ["other", `http://127.0.0.2:${git.port}/open/inner.git`],
      ["command", "ext::sh -c touch% /work/hooked"],
    ] as const) {
      git.commit(`open/${name}.git`, { ...files, ".gitmodules": modules(url) });
      git.git(`open/${name}.git`, "update-index", "--add", "--cacheinfo", `160000,${commit},inner`);
      git.git(`open/${name}.git`, "commit", "-q", "-m", "inner");
      const deep = await on().run(
        { url: git.url(`open/${name}.git`), submodules: true },
        "ls -A inner; ls -d hooked",
      );
      got.push([name, deep.job.cause?.code ?? "", deep.stdout]);
    }
    // Of the first the command itself fails: nothing was hooked.
    const refused = ["other", "command"].map((name) => [name, "source_failed", ""]);
    expect(got).toEqual([["same", "exit", "inner\n"], ...refused]);
    const { stdout } = await on().run({ url: git.url("open/other.git") }, "ls -A . inner; cat large.bin");
    expect(stdout).toBe(
      `.:\n.gitattributes\n.gitmodules\ninner\nlarge.bin\npost-checkout\n\ninner:\n${files["large.bin"]}`,
    );
  });

  it("of a hundred thousand files too many, which come as a few kilobytes, is refused", async () => {
    git.commit("open/bomb.git", {});
    const path = join(git.root, "open/bomb.git");
    const mktree = (input: string) =>
      execFileSync("git", ["-C", path, "mktree"], { input }).toString().trim();
    const blob = execFileSync("git", ["-C", path, "hash-object", "-w", "--stdin"], { input: "x" })
      .toString()
      .trim();
    let id = mktree(Array.from({ length: 10 }, (_, n) => `100644 blob ${blob}\t${n}\n`).join(""));
    for (let depth = 0; depth < 8; depth += 1)
      id = mktree(Array.from({ length: 10 }, (_, n) => `040000 tree ${id}\t${n}\n`).join(""));
    const commit = git.git("open/bomb.git", "commit-tree", id, "-m", "x").trim();
    git.git("open/bomb.git", "update-ref", "refs/heads/main", commit);
    const { job } = await on().run({ url: git.url("open/bomb.git") });
    expect(job.cause?.evidence["reason"]).toBe("too_many_files");
  });

  it("of 2 GiB, which come as a few kilobytes, is refused before its disk is filled", async () => {
    git.commit("open/giant.git", {});
    const path = join(git.root, "open/giant.git");
    const written = (input: string | Buffer, ...args: string[]) =>
      execFileSync("git", ["-C", path, ...args], { input })
        .toString()
        .trim();
    const blob = written(Buffer.alloc(2 ** 20, "x"), "hash-object", "-w", "--stdin");
    const names = Array.from({ length: 2049 }, (_, n) => `100644 blob ${blob}\t${n}\n`);
    const commit = git.git("open/giant.git", "commit-tree", written(names.join(""), "mktree"), "-m", "x");
    git.git("open/giant.git", "update-ref", "refs/heads/main", commit.trim());
    const url = git.url("open/giant.git");
    const { job } = await on().run({ url, resources: { disk: "64MiB" } });
    expect([job.cause?.code, job.cause?.evidence["reason"]]).toEqual(["source_failed", "too_large"]);
  });

  it("shows no credentials to anybody, and others are served while its host keeps it waiting", async () => {
    const before = git.asked.length;
    const credentials = { token: { secret: "git" }, username: gitUser };
    const id = await on().begin({ url: git.url("slow/a.git"), credentials });
    await until(() => git.asked.length > before, { what: "git to ask" });
    const lines = globSync("/proc/[0-9]*/{cmdline,environ}").map((file) => {
      try {
        return readFileSync(file, "latin1");
      } catch {
        return "";
      }
    });
    expect(lines.filter((line) => line.includes("/work/.berth-git")).length).toBeGreaterThan(0);
    const others = lines.filter((line) => line.includes(gitPassword));
    expect(others).toEqual([]);
    await on().server.servesOthers();
    const stopped = await on().server.api.request(`/api/v1/jobs/${id}/stop`, { method: "POST" });
    expect(stopped.status).toBeLessThan(300);
    expect(await on().server.api.end(id)).toMatchObject({ state: "canceled" });
    const audit = await on().server.api.request("/api/v1/audit?limit=1000");
    expect(await audit.text()).not.toContain(gitPassword);
    const shown = await on().server.api.request(`/api/v1/jobs/${id}`);
    expect(await shown.text()).not.toContain(gitPassword);
  });
});
