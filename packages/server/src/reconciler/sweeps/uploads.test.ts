import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serverAudit } from "../../../test/support/sample-audit.ts";
import { type TempFolder, tempFolder } from "../../../test/support/temp-folder.ts";
import { newId } from "../../lib/ids.ts";
import { openSqliteStore } from "../../store/sqlite/open.ts";
import type { Store, UploadStore } from "../../store/store.ts";
import { createFileUploadStore } from "../../uploads/files/file-upload-store.ts";
import { Uploads } from "../../uploads/uploads.ts";
import { removeNameless, sweepUploads } from "./uploads.ts";

const day = 24 * 3_600_000;
let folder: TempFolder;
let store: Store;
let uploads: Uploads;
beforeAll(async () => {
  folder = tempFolder();
  store = await openSqliteStore({ path: join(folder.path, "berth.db") });
  uploads = openUploads(store.uploads);
});
function openUploads(ofStore: UploadStore): Uploads {
  const files = createFileUploadStore({ root: join(folder.path, "uploads") });
  const limits = { perPrincipal: 2 ** 30, total: 2 ** 30 };
  return new Uploads({ store: ofStore, files, limits, now: () => 0 });
}

afterAll(async () => {
  for (const part of [uploads.files, store, folder]) await part[Symbol.asyncDispose]();
});

async function sent(owner: string, at: number, text: string): Promise<string> {
  const upload = { owner, state: "receiving", bytes: 1, length: null, createdAt: at, usedAt: at } as const;
  const begun = { ...upload, name: newId(), part: newId() };
  await uploads.begin(begun);
  await using part = await uploads.files.openPart(begun.part);
  await part.append([Buffer.from(text)]);
  const sha256 = await part.finish();
  await part.publish(sha256);
  await store.uploads.complete(begun, { sha256, bytes: text.length, at });
  return sha256;
}

/** Sweeps as at this time, and says what it complained of. */
async function sweep(now: number, how = sweepUploads, over = uploads): Promise<string[]> {
  const faults: string[] = [];
  await how(
    {
      store,
      audit: serverAudit,
      uploads: over,
      clock: { now: () => now },
      settings: { keepUploadsMs: 7 * day },
      report: { fault: (what: string) => void faults.push(what) },
    } as unknown as Parameters<typeof sweepUploads>[0],
    new AbortController().signal,
  );
  return faults;
}

async function filesLeft(): Promise<string[]> {
  const left: string[] = [];
  for await (const { name } of uploads.files.list()) left.push(name);
  return left.toSorted();
}

const begun = { owner: "ann", state: "receiving", bytes: 1, length: null, createdAt: 1 } as const;

it("removes what nobody used in a while and what belongs to nobody, and nothing else", async () => {
  // Files are as old as they are.
  const now = Date.now() + day / 2;
  const old = await sent("ann", 1, "old");
  const shared = await sent("ann", 1, "shared");
  await sent("bob", now - day / 2, "shared");
  const young = await sent("ann", now - day / 2, "young");
  const unfinished = newId();
  await uploads.begin({ ...begun, usedAt: now - day / 2, name: "a".repeat(64), part: unfinished });
  await (await uploads.files.openPart(unfinished))[Symbol.asyncDispose]();
  const orphans = { part: newId(), content: "f".repeat(64) };
  for (const [kind, name] of Object.entries(orphans))
    writeFileSync(join(folder.path, "uploads", `${kind}s`, name), "left by a crash");
  expect(await sweep(Date.now())).toEqual([]);
  expect(await filesLeft(), "what is young may still be asked for").toEqual(
    expect.arrayContaining(Object.values(orphans)),
  );
  expect(await sweep(now)).toEqual([]);
  expect(await filesLeft()).toEqual([shared, young, unfinished].toSorted());
  expect(await store.uploads.get("ann", old)).toBeNull();
  expect(await store.uploads.get("ann", shared)).toBeNull();
  expect(await store.uploads.get("bob", shared)).not.toBeNull();
});

it("leaves alone, and says nothing of, what somebody goes on with", async () => {
  const upload = { ...begun, usedAt: 1, name: "b".repeat(64), part: newId() };
  await uploads.begin(upload);
  {
    using _ = uploads.take(upload);
    expect(await sweep(Date.now())).toEqual([]);
    expect(await store.uploads.get("ann", upload.name)).not.toBeNull();
  }
  expect(await sweep(Date.now())).toEqual([]);
  expect(await store.uploads.get("ann", upload.name)).toBeNull();
});

it("goes by what an upload is when it is removed, not by what it was when it was looked for", async () => {
  const upload = { ...begun, usedAt: 1, name: "c".repeat(64), part: newId() };
  await uploads.begin(upload);
  const unused: UploadStore["unused"] = async (options) => {
    const found = await store.uploads.unused(options);
    await store.uploads.touch(upload, Date.now());
    return found;
  };
  await sweep(Date.now(), sweepUploads, openUploads({ ...store.uploads, unused }));
  expect(await store.uploads.get("ann", upload.name)).not.toBeNull();
  await uploads.remove(upload);
});

it("frees at the start what a server before was receiving without a name", async () => {
  const [name, named] = [newId(), "d".repeat(64)];
  await uploads.begin({ ...begun, usedAt: Date.now() - 1, name, part: newId() });
  await uploads.begin({ ...begun, usedAt: Date.now() - 1, name: named, part: newId() });
  expect(await sweep(Date.now(), removeNameless)).toEqual([]);
  expect(await store.uploads.get("ann", name)).toBeNull();
  expect(await store.uploads.get("ann", named)).not.toBeNull();
});

it("comes to what is behind many that somebody sends at this very moment", async () => {
  const names = Array.from({ length: 101 }, (_, n) => String(n).padStart(64, "0"));
  for (const name of names) await uploads.begin({ ...begun, name, part: newId(), bytes: 0, usedAt: 1 });
  const last = await sent("bob", 2, "behind them");
  using busy = new DisposableStack();
  for (const name of names) busy.use(uploads.take({ owner: begun.owner, name }));
  const unfinished = { ...begun, owner: "bob", name: "e".repeat(64), part: newId(), usedAt: 3 };
  await uploads.begin(unfinished);
  expect(await sweep(30 * day)).toEqual([]);
  expect(await store.uploads.get("bob", unfinished.name)).toBeNull();
  expect(await store.uploads.get("bob", last)).toBeNull();
  expect(await store.uploads.get(begun.owner, names[0] ?? "")).not.toBeNull();
});
