import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ApiBench } from "../../server/test/support/api-bench.ts";
import { until } from "../../server/test/support/until.ts";
import { Berth, type FolderProgress, type UploadSource } from "../src/index.ts";
import { fromFile, fromFolder } from "../src/folder/from-folder.ts";
import { nodeHttp } from "../src/transport/node-http.ts";
import { CuttingLine } from "./support/cutting-line.ts";

/** Cuts of one upload: some here, 100 by hand. */
const cuts = Number(process.env["BERTH_TEST_ROUNDS"] ?? 12);
const MiB = 2 ** 20;

let api: ApiBench;
let line: CuttingLine;
let place: Awaited<ReturnType<typeof mkdtempDisposable>>;
let folder: string;
let made = 0;
beforeAll(async () => {
  api = await ApiBench.open();
  line = await CuttingLine.to(await api.listen());
  place = await mkdtempDisposable(join(tmpdir(), "berth-folders-"));
});
afterAll(async () => {
  await line[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});
beforeEach(() => {
  made += 1;
  folder = join(place.path, `folder-${made}`);
  mkdirSync(folder);
});

const wires = [
  ["fetch", undefined],
  ["nodeHttp", nodeHttp()],
] as const;

function client(transport?: ReturnType<typeof nodeHttp>): Berth {
  return new Berth({ url: line.url, token: api.tokens.ann, transport });
}

function sourceOf(bytes: Uint8Array): UploadSource {
  return {
    sha256: createHash("sha256").update(bytes).digest("hex"),
    size: bytes.length,
    async *read(from) {
      for (let at = from; at < bytes.length; at += MiB / 8) yield bytes.subarray(at, at + MiB / 8);
    },
  };
}

async function contentOf(sha256: string): Promise<Buffer> {
  await using file = await api.context.uploads.files.open(sha256);
  return (await file?.readFile()) ?? Buffer.alloc(0);
}

describe.each(wires)("over %s", (_wire, transport) => {
  it("a folder is sent once: the second time it is named, and nothing more", async () => {
    const berth = client(transport);
    writeFileSync(join(folder, "data"), randomBytes(2 * MiB));
    const steps: FolderProgress[] = [];
    const first = await berth.uploads.archive(fromFolder(folder), { onProgress: (one) => steps.push(one) });
    const { size } = await fromFolder(folder).pack();
    expect(steps.at(-2)).toEqual({ step: "sending", bytes: size, size });
    expect(steps.at(-1)).toMatchObject({ step: "there", wasThere: false });
    const before = line.sent;
    const job = await berth.jobs.submit(
      { command: "make", files: fromFolder(folder) },
      { onProgress: (one) => steps.push(one) },
    );
    expect(line.sent - before).toBeLessThan(16 * 1024);
    expect(steps.at(-1)).toMatchObject({ step: "there", wasThere: true });
    expect((await job.get()).spec).toMatchObject({ archive: first });
  });

  it("an upload that is cut again and again goes on, and sends no byte twice", async () => {
    const bytes = randomBytes(cuts * 300_000 + 17);
    const berth = client(transport);
    const before = line.sent;
    const wasCut = line.cuts;
    let progressed = 0;
    line.cutAfter(250_000);
    const sent = await berth.uploads.create(sourceOf(bytes), {
      onProgress(now) {
        // The next cut, as soon as something came through again.
        if (line.cuts > progressed && line.cuts - wasCut < cuts) line.cutAfter(200_000);
        progressed = line.cuts;
        expect(now).toBeLessThanOrEqual(bytes.length);
      },
    });
    expect(line.cuts - wasCut).toBe(cuts);
    expect(sent).toMatchObject({ state: "complete", offset: bytes.length });
    expect((await contentOf(sent.sha256)).equals(bytes)).toBe(true);
    // What was on its way when a connection went is sent again, beside the headers.
    expect(line.sent - before).toBeLessThan(bytes.length + cuts * 300_000);
  });

  it("a refusal comes before the bytes, and is the server's own", async () => {
    const source = { ...sourceOf(new Uint8Array()), size: 2 ** 31, sha256: "0".repeat(64) };
    const before = line.sent;
    await expect(client(transport).uploads.create(source)).rejects.toMatchObject({
      code: "UPLOAD_TOO_LARGE",
    });
    expect(line.sent - before).toBeLessThan(16 * 1024);
  });

  it("a stream of no known length is sent as it comes, and its failure is what is thrown", async () => {
    const bytes = randomBytes(MiB);
    async function* some(): AsyncGenerator<Uint8Array, void> {
      yield bytes;
      yield bytes;
    }
    const whole = Buffer.concat([bytes, bytes]);
    const sent = await client(transport).uploads.create(some());
    expect(sent).toMatchObject({ sha256: sourceOf(whole).sha256, offset: 2 * MiB });
    async function* broken(): AsyncGenerator<Uint8Array, void> {
      yield bytes;
      throw new RangeError("of its own");
    }
    await expect(client(transport).uploads.create(broken())).rejects.toThrow("of its own");
  });

  it("one that is stopped half way throws the reason, and the next one goes on", async () => {
    const bytes = randomBytes(8 * MiB);
    const berth = client(transport);
    const stop = new AbortController();
    const reason = new Error("enough");
    const stopped = berth.uploads.create(sourceOf(bytes), {
      signal: stop.signal,
      onProgress: (now) => now > 4 * MiB && stop.abort(reason),
    });
    await expect(stopped).rejects.toBe(reason);
    const { sha256 } = sourceOf(bytes);
    await until(async () => (await berth.uploads.get(sha256)).offset > 2 * MiB, { what: "what was sent" });
    const before = line.sent;
    expect(await berth.uploads.create(sourceOf(bytes))).toMatchObject({ state: "complete" });
    expect(line.sent - before).toBeLessThan(6.5 * MiB);
  });
});

describe("a source that is long in coming to its first block", () => {
  const http = nodeHttp();
  let streams: number;
  const counting: typeof http = (url, outgoing) => {
    if (outgoing.stream !== undefined) streams += 1;
    return http(url, outgoing);
  };
  beforeEach(() => {
    streams = 0;
  });

  it("has no connection held open for it meanwhile, which a server would cut", async () => {
    const source = sourceOf(randomBytes(MiB));
    let seen: number | null = null;
    async function* late(from: number): AsyncGenerator<Uint8Array, void> {
      await nextTurn();
      seen = streams;
      yield* source.read(from);
    }
    const sent = await client(counting).uploads.create({ ...source, read: late });
    expect(sent).toMatchObject({ state: "complete", sha256: source.sha256 });
    expect([seen, streams]).toEqual([0, 1]);
    seen = null;
    await client(counting).uploads.create(late(0));
    expect([seen, streams]).toEqual([1, 2]);
  });

  it("is given up at once where nobody wants it any more, and closed when it comes to it", async () => {
    const gate = Promise.withResolvers<void>();
    const isRead = Promise.withResolvers<void>();
    const isClosed = Promise.withResolvers<void>();
    async function* stuck(): AsyncGenerator<Uint8Array, void> {
      try {
        isRead.resolve();
        await gate.promise;
        yield randomBytes(1);
      } finally {
        isClosed.resolve();
      }
    }
    const stop = new AbortController();
    const reason = new Error("enough");
    const source = { ...sourceOf(randomBytes(MiB)), read: stuck };
    const sending = client(counting).uploads.create(source, { signal: stop.signal });
    void isRead.promise.then(() => stop.abort(reason));
    await expect(sending).rejects.toBe(reason);
    expect(streams).toBe(0);
    gate.resolve();
    await isClosed.promise;
  });
});

it("a source whose first block is there is closed when the request for it comes to nothing", async () => {
  const http = nodeHttp();
  const isClosed = Promise.withResolvers<void>();
  async function* source(): AsyncGenerator<Uint8Array, void> {
    try {
      yield randomBytes(1);
    } finally {
      isClosed.resolve();
    }
  }
  const refusing: typeof http = async () => await Promise.reject(new Error("no line"));
  await expect(client(refusing).uploads.create(source())).rejects.toMatchObject({
    code: "SERVER_UNREACHABLE",
  });
  await isClosed.promise;
});

it("a folder that changes while it is sent is told of by name, and nothing of it stays on the server", async () => {
  const berth = client(nodeHttp());
  for (let n = 0; n < 20; n += 1)
    writeFileSync(join(folder, `f${String(n).padStart(2, "0")}`), randomBytes(MiB / 2));
  let archived = "";
  const packing = fromFolder(folder);
  const sending = berth.uploads.archive(
    {
      async pack(options) {
        const packed = await packing.pack(options);
        archived = packed.sha256;
        return packed;
      },
    },
    {
      onProgress({ step }) {
        if (step === "sending") writeFileSync(join(folder, "f19"), "short");
      },
    },
  );
  await expect(sending).rejects.toMatchObject({
    code: "FOLDER_CHANGED",
    message: expect.stringContaining('"f19" was changed') as unknown,
  });
  await expect(berth.uploads.get(archived)).rejects.toMatchObject({ code: "UPLOAD_NOT_FOUND" });
});

it("a content of the same sizes and times that hashes to something else is one that changed", async () => {
  const packed = await fromFolder(folder).pack();
  async function* other(): AsyncGenerator<Uint8Array, void> {
    yield new Uint8Array(packed.size).fill(1);
  }
  const lying = { pack: async () => ({ ...packed, read: other }) };
  await expect(client().uploads.archive(lying)).rejects.toMatchObject({ code: "FOLDER_CHANGED" });
});

it("whoever may not send is told so before the folder is read", async () => {
  const stranger = new Berth({ url: line.url, token: "berth_wrong" });
  const gone = fromFolder(join(folder, "gone"));
  await expect(stranger.uploads.archive(gone)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  await expect(client().uploads.archive(gone)).rejects.toMatchObject({ code: "FOLDER_INVALID" });
});

it("a job that the server would refuse is refused before its folder is read", async () => {
  const read = { pack: () => Promise.reject(new Error("the folder was read")) };
  const refused = { command: "make", resources: { memory: "lots" } };
  for (const request of [
    { ...refused, files: read },
    { ...refused, archive: read, files: { Makefile: "all:" } },
  ]) {
    const { jobs } = client();
    const problems: unknown = [expect.objectContaining({ field: "resources.memory" })];
    await expect(jobs.submit(request)).rejects.toMatchObject({ code: "REQUEST_INVALID", problems });
    await expect(jobs.check(request)).rejects.toMatchObject({ code: "REQUEST_INVALID", problems });
  }
  await expect(client().jobs.check({ command: "make", files: read, stdin: "x" })).resolves.toBeUndefined();
});

it("uploads are listed, looked at and deleted, and a file is one that can be gone on with", async () => {
  const berth = client();
  const path = join(folder, "a.bin");
  writeFileSync(path, randomBytes(MiB));
  const { sha256 } = await berth.uploads.create(await fromFile(path));
  expect((await contentOf(sha256)).equals(readFileSync(path))).toBe(true);
  const { items } = await berth.uploads.list({ limit: 200 });
  expect(items).toContainEqual(await berth.uploads.get(sha256));
  await berth.uploads.delete(sha256);
  await expect(berth.uploads.get(sha256)).rejects.toMatchObject({ code: "UPLOAD_NOT_FOUND" });
  rmSync(path);
});

it("a job has a folder or an archive, and says so before anything is sent", async () => {
  const archive = { upload: "0".repeat(64), format: "tar" } as const;
  const both = { command: "make", files: fromFolder(folder), archive };
  await expect(client().jobs.submit(both)).rejects.toMatchObject({ code: "REQUEST_INVALID" });
});
