import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import { takeSpent } from "../../lib/on-loop.ts";
import type { ArtifactStore } from "../artifact-store.ts";
import { createFileArtifactStore } from "./file-artifact-store.ts";

const modifiedAt = "2026-01-01T00:00:00.000Z";
let base: string;
let root: string;
let store: ArtifactStore;
let jobId: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "berth-artifacts-"));
  root = join(base, "artifacts");
  store = createFileArtifactStore({ root });
  jobId = newId();
});

afterEach(() => rmSync(base, { recursive: true }));

async function keep(files: Record<string, string>): Promise<string> {
  const folder = await store.prepare(jobId);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const items = Object.entries(files).map(([path, content]) => ({ path, size: content.length, modifiedAt }));
  const skipped = [{ path: "pipe", reason: "not a regular file" }];
  await store.save(jobId, { items, skipped }, { heldBytes: 5000 });
  return folder;
}

describe("createFileArtifactStore", () => {
  it("gives back the list and the bytes that were kept", async () => {
    await keep({ "report.csv": "a,b", "out/deep/empty": "" });
    const list = await store.list(jobId);
    expect(list.items.map((item) => item.path)).toEqual(["report.csv", "out/deep/empty"]);
    expect(list.skipped).toEqual([{ path: "pipe", reason: "not a regular file" }]);
    const report = await store.open(jobId, "report.csv");
    expect(report && (await text(report.stream))).toBe("a,b");
    expect(report?.artifact.size).toBe(3);
    const empty = await store.open(jobId, "out/deep/empty");
    expect(empty && (await text(empty.stream))).toBe("");
  });

  it("reads a list once for all the files that are fetched, and anew when it has changed", async () => {
    expect((await store.list(jobId)).items).toEqual([]);
    const files = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`file-${n}`, "x"]));
    await keep(files);
    let reads = 0;
    for (const path of Object.keys(files)) {
      takeSpent();
      (await store.open(jobId, path))?.stream.destroy();
      if (takeSpent().has("artifacts: read a list")) reads += 1;
    }
    expect(reads).toBe(1);
    await keep({ other: "y" });
    expect((await store.list(jobId)).items.map(({ path }) => path)).toEqual(["other"]);
    await store.delete(jobId);
    expect((await store.list(jobId)).items).toEqual([]);
  });

  it("has an empty list for a job that left nothing, and for what is no id", async () => {
    expect(await store.list(jobId)).toEqual({ items: [], skipped: [] });
    expect(await store.list("../../etc")).toEqual({ items: [], skipped: [] });
    expect(await store.open("../../etc", "passwd")).toBeNull();
  });

  it("opens nothing that is not in the list", async () => {
    const folder = await keep({ "a.txt": "a" });
    writeFileSync(join(folder, "b.txt"), "b");
    writeFileSync(join(base, "secret"), "s");
    expect(await store.open(jobId, "b.txt")).toBeNull();
    expect(await store.open(jobId, "../../secret")).toBeNull();
  });

  it("leaves the folder by no path, even by one in the list", async () => {
    await keep({});
    writeFileSync(join(root, "secret"), "s");
    await store.save(
      jobId,
      { items: [{ path: "../secret", size: 1, modifiedAt }], skipped: [] },
      { heldBytes: 1 },
    );
    expect(await store.open(jobId, "../secret")).toBeNull();
  });

  it("follows no link, neither as the file nor as a folder on the way", async () => {
    const folder = await keep({ file: "1", "dir/file": "2" });
    rmSync(join(folder, "file"));
    rmSync(join(folder, "dir"), { recursive: true });
    mkdirSync(join(base, "outside"));
    writeFileSync(join(base, "outside", "file"), "secret");
    symlinkSync(join(base, "outside", "file"), join(folder, "file"));
    symlinkSync(join(base, "outside"), join(folder, "dir"));
    expect(await store.open(jobId, "file")).toBeNull();
    expect(await store.open(jobId, "dir/file")).toBeNull();
  });

  it("does not hang on a FIFO", async () => {
    const folder = await keep({ pipe: "1" });
    rmSync(join(folder, "pipe"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    expect(await store.open(jobId, "pipe")).toBeNull();
  });

  it("empties the folder when it is prepared again, as after a crash in between", async () => {
    await keep({ old: "1" });
    const folder = await store.prepare(jobId);
    expect(readdirSync(folder)).toEqual([]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it("deletes all of one job and nothing of another, twice without complaint", async () => {
    await keep({ a: "1" });
    const other = newId();
    writeFileSync(join(await store.prepare(other), "kept"), "1");
    await store.delete(jobId);
    await store.delete(jobId);
    expect(readdirSync(root)).toEqual([other]);
    expect(await store.list(jobId)).toEqual({ items: [], skipped: [] });
  });

  it("deletes a tree that is deeper than a path may be long, and no target of a link", async () => {
    const folder = await store.prepare(jobId);
    const dig = 'chdir shift; for (1..40) { mkdir "d" x 200 or die; chdir "d" x 200 or die }';
    execFileSync("perl", ["-e", dig, folder]);
    writeFileSync(join(base, "target"), "1");
    symlinkSync(join(base, "target"), join(folder, "link"));
    await store.delete(jobId);
    expect(existsSync(folder)).toBe(false);
    expect(existsSync(join(base, "target"))).toBe(true);
  });
});
