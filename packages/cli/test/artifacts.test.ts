import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ScriptedJob } from "../../sdk/test/support/scripted-job.ts";
import { runBerth } from "./support/run-berth.ts";
import { scriptedCli } from "./support/scripted-cli.ts";

const cli = scriptedCli();
let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "berth-artifacts-"))));
afterEach(() => rmSync(folder, { recursive: true }));

async function berth(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return await runBerth(argv, cli.options());
}

function leaves(files: Record<string, string>, exitCode = 0): (job: ScriptedJob) => void {
  return (job) => {
    for (const [path, text] of Object.entries(files)) job.artifacts.set(path, Buffer.from(text));
    const cause = { code: "exit" as const, message: `The command ended with code ${exitCode}`, evidence: {} };
    job.enter(exitCode === 0 ? "succeeded" : "failed", { exitCode, cause });
  };
}

function read(path: string): string {
  return readFileSync(join(folder, path), "utf8");
}

describe("berth artifacts", () => {
  it("lists what a job left, and fetches it", async () => {
    const job = cli.server.add({ command: "x", args: [], name: "maker" });
    leaves({ "out/a.txt": "hello" })(job);
    expect((await berth("artifacts", "maker")).stdout).toBe(
      "PATH       SIZE  MODIFIED\nout/a.txt  5 B   2026-01-02T03:04:06.000Z\n",
    );
    const target = join(folder, "home");
    expect((await berth("artifacts", job.id, "--download", target)).code).toBe(0);
    expect(read("home/out/a.txt")).toBe("hello");
    job.artifacts.clear();
    expect((await berth("artifacts", job.id)).stderr).toContain("no artifacts");
    expect(existsSync(target)).toBe(true);
  });

  it("replaces no file that is there, says which, and fetches nothing then", async () => {
    const job = cli.server.add();
    leaves({ a: "new a", "out/b": "new b", c: "new c" })(job);
    writeFileSync(join(folder, "a"), "mine");
    mkdirSync(join(folder, "out/b"), { recursive: true });
    const { code, stderr } = await berth("artifacts", job.id, "--download", folder);
    expect(code).toBe(118);
    expect(stderr.replaceAll(folder, "DIR").replaceAll(job.id, "ID").split("\n").slice(0, 3)).toEqual([
      "Error: Cannot save the artifacts of job ID: 2 files are there already, and nothing was fetched",
      "  DIR/a",
      "  DIR/out/b",
    ]);
    expect(stderr).toContain("--force");
    expect([read("a"), existsSync(join(folder, "c"))]).toEqual(["mine", false]);
  });

  it("names ten of many files that are there", async () => {
    const job = cli.server.add();
    const names = Array.from({ length: 12 }, (_, index) => `f${index}`);
    leaves(Object.fromEntries(names.map((name) => [name, ""])))(job);
    for (const name of names) writeFileSync(join(folder, name), "mine");
    const { stderr } = await berth("artifacts", job.id, "--download", folder);
    expect(stderr).toContain("/f9\n  and 2 more\n");
  });

  it("replaces what is there with --force", async () => {
    const job = cli.server.add();
    leaves({ a: "new" })(job);
    writeFileSync(join(folder, "a"), "mine, and longer");
    expect((await berth("artifacts", job.id, "--download", folder, "--force")).code).toBe(0);
    expect(read("a")).toBe("new");
  });

  it("leaves what was there when the fetching is cut off, and no part of the new", async () => {
    const job = cli.server.add();
    leaves({ a: "x".repeat(100_000) })(job);
    writeFileSync(join(folder, "a"), "mine");
    cli.server.cutAfter = ({ path }) => (path.endsWith("/artifacts/a") ? 50_000 : null);
    expect((await berth("artifacts", job.id, "--download", folder, "--force")).code).not.toBe(0);
    expect([readdirSync(folder), read("a")]).toEqual([["a"], "mine"]);
  });

  it("says that a file stands where a folder is wanted", async () => {
    const job = cli.server.add();
    leaves({ "out/a": "x" })(job);
    writeFileSync(join(folder, "out"), "mine");
    const { code, stderr } = await berth("artifacts", job.id, "--download", folder);
    expect(code).not.toBe(0);
    expect(stderr).not.toContain("fault of Berth");
    expect(read("out")).toBe("mine");
  });
});

describe("berth run --download", () => {
  it("fetches the artifacts, and not out of the folder", async () => {
    cli.tell(leaves({ "out/a.csv": "1,2" }));
    expect((await berth("run", "--download", folder, "--", "x")).code).toBe(0);
    expect(read("out/a.csv")).toBe("1,2");

    cli.tell(leaves({ b: "x", "../evil": "x" }));
    const evil = await berth("run", "--download", folder, "--", "x");
    expect(evil.code).toBe(118);
    expect(evil.stderr).toMatch(/Cannot save artifact "..\/evil"/);
    expect(existsSync(join(folder, "b"))).toBe(false);
  });

  it("does not call it success that a file is there already, and tells how the job ended all the same", async () => {
    writeFileSync(join(folder, "a"), "mine");
    cli.tell(leaves({ a: "new" }));
    const { code, stdout, stderr } = await berth("run", "--json", "--download", folder, "--", "x");
    expect([code, read("a")]).toEqual([118, "mine"]);
    expect(JSON.parse(stdout)).toMatchObject({ state: "succeeded" });
    expect(stderr).toContain(`${folder}/a\n`);
    const again = await berth("run", "--force", "--download", folder, "--", "x");
    expect([again.code, read("a")]).toEqual([0, "new"]);
  });

  it("ends with the code of a job that failed, whatever became of its artifacts", async () => {
    writeFileSync(join(folder, "a"), "mine");
    cli.tell(leaves({ a: "new" }, 3));
    const { code, stderr } = await berth("run", "--download", folder, "--", "x");
    expect([code, read("a")]).toEqual([3, "mine"]);
    expect(stderr).toContain("Cannot save the artifacts");
  });
});
