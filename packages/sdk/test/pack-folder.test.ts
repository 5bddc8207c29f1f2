import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { largestUpload } from "@berth/protocol";
import { largestFolder } from "../src/folder/pack-folder.ts";
import type { PackedFolder } from "../src/index.ts";
import { fromFolder } from "../src/folder/from-folder.ts";

let place: string;
let folder: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "berth-pack-"));
  folder = join(place, "folder");
  mkdirSync(folder);
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array = path): string {
  const at = join(folder, path);
  mkdirSync(join(at, ".."), { recursive: true });
  writeFileSync(at, content);
  return at;
}

async function bytesOf(packed: PackedFolder, from = 0): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  for await (const block of packed.read(from)) blocks.push(block);
  return Buffer.concat(blocks);
}

/** What `tar` makes of it, as `find` lists it; the times of folders and links are not the folder's own. */
async function unpacked(packed: PackedFolder): Promise<string> {
  const into = join(place, "unpacked");
  mkdirSync(into);
  execFileSync("tar", ["-x", "-C", into], { input: await bytesOf(packed) });
  return into;
}

function listing(of: string): string {
  const times = ["-type", "f", "-printf", "%P\\t%y\\t%m\\t%s\\t%T@\\t%l\\n"];
  const others = ["!", "-type", "f", "-printf", "%P\\t%y\\t%m\\t%l\\n"];
  const lines = (words: string[]): string =>
    execFileSync("find", [".", "-mindepth", "1", ...words], { cwd: of, encoding: "utf8" });
  return `${lines(times)}${lines(others)}`.split("\n").toSorted().join("\n");
}

describe("a folder that is packed", () => {
  it("comes out as it was: names of any length and letters, links, modes, times, empty ones, deep ones", async () => {
    put("a file");
    put("ünïcödé/日本語.txt");
    put("zero", "");
    put("-rf");
    put("new\nline");
    put("back\\slash");
    put(`${"n".repeat(99)}`);
    put(`${"n".repeat(100)}`);
    put(`${"n".repeat(101)}`);
    put(`${"m".repeat(255)}`);
    put(`${`${"d".repeat(60)}/`.repeat(12)}deep`);
    put(`${"e/".repeat(150)}deeper`);
    put(`${"p".repeat(100)}/in a long folder`);
    put("large", Buffer.alloc(3 * 2 ** 20 + 1, "x"));
    put("exactly one block", Buffer.alloc(512, "x"));
    chmodSync(put("run.sh"), 0o755);
    chmodSync(put("private"), 0o600);
    mkdirSync(join(folder, "empty"));
    mkdirSync(join(folder, "closed"), { mode: 0o700 });
    symlinkSync("a file", join(folder, "link"));
    symlinkSync("/etc/passwd", join(folder, "absolute"));
    symlinkSync("../..", join(folder, "out"));
    symlinkSync("nowhere", join(folder, "dangling"));
    symlinkSync(`${"t/".repeat(80)}ü`, join(folder, "far"));
    symlinkSync(".", join(folder, "circle"));
    utimesSync(put("old"), 0, 0);
    utimesSync(put("fine"), 1_700_000_000.123456, 1_700_000_000.123456);
    utimesSync(put("later than 2038"), 4_000_000_000, 4_000_000_000);
    const packed = await fromFolder(folder).pack();
    expect(listing(await unpacked(packed))).toBe(listing(folder));
    expect(readFileSync(join(place, "unpacked", "large"))).toEqual(readFileSync(join(folder, "large")));
    expect(packed).toMatchObject({ format: "tar", skipped: [] });
  });

  it("is the same bytes each time, from wherever it is read, and says their hash and size", async () => {
    put("a/b", "x");
    put("c", Buffer.alloc(2 ** 18 + 3, "c"));
    put("d", "d");
    const packed = await fromFolder(folder).pack();
    const whole = await bytesOf(packed);
    expect(packed.size).toBe(whole.length);
    expect(packed.sha256).toBe(createHash("sha256").update(whole).digest("hex"));
    for (const from of [1, 511, 512, 2048, 2 ** 18, packed.size - 1, packed.size])
      expect((await bytesOf(packed, from)).equals(whole.subarray(from))).toBe(true);
    // What comes and goes in a folder and is not packed changes its time, and nothing else.
    put("a/ignored");
    rmSync(join(folder, "a/ignored"));
    expect((await fromFolder(folder).pack()).sha256).toBe(packed.sha256);
    appendFileSync(join(folder, "d"), "");
    utimesSync(join(folder, "d"), 1, 1);
    expect((await fromFolder(folder).pack()).sha256).not.toBe(packed.sha256);
  });

  it("is gone on with where it was: what lies before is not read again", async () => {
    for (let n = 0; n < 300; n += 1) put(`a/${n}`);
    put("large", Buffer.alloc(5 * 2 ** 20 + 7, "l"));
    put("z");
    const packed = await fromFolder(folder).pack();
    const whole = await bytesOf(packed);
    const inLarge = packed.size - 2 ** 20;
    rmSync(join(folder, "a"), { recursive: true });
    for (const from of [inLarge, packed.size - 1536])
      expect((await bytesOf(packed, from)).equals(whole.subarray(from))).toBe(true);
    await expect(bytesOf(packed)).rejects.toMatchObject({ code: "FOLDER_CHANGED" });
    expect(openFilesBelow(folder)).toEqual([]);
  });

  it("leaves out what the rules name, with all that is below it, and .git", async () => {
    for (const path of ["keep", "build/a", "build/b/c", ".git/config", "x.log", "sub/y.log"]) put(path);
    put(".berthignore", "build/\n*.log\n");
    expect(listing(await unpacked(await fromFolder(folder).pack()))).not.toMatch(/build|\.git\b|\.log/);
    expect(listing(join(place, "unpacked"))).toMatch(/keep\t/);
  });

  it("leaves out sockets, pipes and devices, and says so", async () => {
    put("file");
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const server = createServer().listen(join(folder, "socket"));
    try {
      const { skipped, entries } = await fromFolder(folder).pack();
      expect(skipped.map(({ path }) => path).toSorted()).toEqual(["pipe", "socket"]);
      expect(entries).toBe(1);
    } finally {
      server.close();
    }
  });

  it("may be empty, and may be named by a link", async () => {
    symlinkSync("folder", join(place, "way"));
    const packed = await fromFolder(join(place, "way")).pack();
    expect(packed).toMatchObject({ entries: 0, size: 1024 });
  });
});

describe("a folder that cannot be packed", () => {
  it.each([
    ["that is not there", "gone", /Cannot pack folder ".*gone": it does not exist$/],
    ["that is a file", "folder/file", /Cannot pack folder ".*file": it is no folder$/],
  ])("says so: one %s", async (_what, name, message) => {
    put("file");
    await expect(fromFolder(join(place, name)).pack()).rejects.toMatchObject({
      code: "FOLDER_INVALID",
      message: expect.stringMatching(message) as unknown,
    });
  });

  it("names all that cannot be read at once", async () => {
    chmodSync(put("secret"), 0o600);
    mkdirSync(join(folder, "closed"), { mode: 0o700 });
    put("fine");
    for (const path of [place, folder]) chownSync(path, nobody, nobody);
    // Of this whole process: a root may read all.
    process.seteuid?.(nobody);
    try {
      await expect(fromFolder(folder).pack()).rejects.toMatchObject({
        code: "FOLDER_INVALID",
        message: expect.stringMatching(
          /: 2 entries cannot be read: "secret" \(.*\), "closed" \(this user may not do that\)$/,
        ) as unknown,
      });
    } finally {
      process.seteuid?.(0);
    }
    await expect(fromFolder(folder, { ignore: ["closed", "secret"] }).pack()).resolves.toBeDefined();
  });

  it("names what has a name that is no text, unless it stays here", async () => {
    execFileSync("sh", ["-c", `printf x > "${folder}/$(printf 'a\\377b')"`]);
    await expect(fromFolder(folder).pack()).rejects.toMatchObject({
      message: expect.stringMatching(
        /1 entry cannot be read: "a\ufffdb" \(its name is not UTF-8\)$/,
      ) as unknown,
    });
    await expect(fromFolder(folder, { ignore: ["a?b"] }).pack()).resolves.toMatchObject({ entries: 0 });
  });

  it("is told how large it is, before all of it is read", async () => {
    truncateSync(put("disk.img", ""), 11 * 2 ** 30);
    put("small");
    await expect(fromFolder(folder).pack()).rejects.toMatchObject({
      message: expect.stringMatching(
        /it holds 11.0 GiB, more than 10 GiB: most of it is in "disk.img" \(11 GiB\), "small"/,
      ) as unknown,
    });
    expect(largestFolder).toBe(largestUpload);
  });
});

describe("a folder that changes while it is read", () => {
  it.each<[string, (path: string) => void]>([
    ["grows", (path) => appendFileSync(path, "more")],
    ["shrinks", (path) => truncateSync(path, 1)],
    ["is gone", (path) => rmSync(path)],
    ["is written anew", (path) => writeFileSync(path, readFileSync(path))],
    ["becomes a link", (path) => (renameSync(path, `${path}-`), symlinkSync(`${path}-`, path))],
    ["becomes a pipe", (path) => (rmSync(path), execFileSync("mkfifo", [path]))],
    ["becomes a folder", (path) => (rmSync(path), mkdirSync(path))],
  ])("is not sent when a file of it %s", async (_how, change) => {
    for (const size of [10, 2 ** 20]) {
      const path = put("changing", Buffer.alloc(size, "x"));
      utimesSync(path, 1000, 1000);
      const packed = await fromFolder(folder).pack();
      change(path);
      await expect(bytesOf(packed)).rejects.toMatchObject({
        code: "FOLDER_CHANGED",
        message: expect.stringContaining('"changing" was changed') as unknown,
      });
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    }
  });

  it("lets go of all that it reads when nobody wants it any more", async () => {
    for (let n = 0; n < 40; n += 1) put(`f${n}`, Buffer.alloc(2 ** 19));
    const stop = new AbortController();
    const packing = fromFolder(folder).pack({
      signal: stop.signal,
      onProgress: (bytes) => bytes > 2 ** 20 && stop.abort(new Error("enough")),
    });
    await expect(packing).rejects.toThrow("enough");
    const packed = await fromFolder(folder).pack();
    for await (const _ of packed.read(0)) break;
    expect(openFilesBelow(folder)).toEqual([]);
  });
});

const nobody = 65534;

function openFilesBelow(path: string): string[] {
  const listed = execFileSync("sh", ["-c", `ls -l /proc/${process.pid}/fd`], { encoding: "utf8" });
  return listed.split("\n").filter((line) => line.includes(path));
}
