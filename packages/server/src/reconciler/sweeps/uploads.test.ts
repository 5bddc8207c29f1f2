import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type TempFolder, tempFolder } from "../../../test/support/temp-folder.ts";
import { newId } from "../../lib/ids.ts";
import { openSqliteStore } from "../../store/sqlite/open.ts";
import type { Store } from "../../store/store.ts";
import { createFileUploadStore } from "../../uploads/files/file-upload-store.ts";
import { Uploads } from "../../uploads/uploads.ts";
import { sweepUploads } from "./uploads.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const day = 24 * 3_600_000;
let folder: TempFolder;
let store: Store;
let uploads: Uploads;
beforeAll(async () => {
  folder = tempFolder();
  store = await openSqliteStore({ path: join(folder.path, "berth.db") });
  const files = createFileUploadStore({ root: join(folder.path, "uploads") });
  uploads = new Uploads({
    store: store.uploads,
    files,
    limits: { perPrincipal: 100, total: 100 },
    now: () => 0,
  });
});
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

it("removes what nobody used in a while and what belongs to nobody, and nothing else", async () => {
  const old = await sent("ann", 1, "old");
  const shared = await sent("ann", 1, "shared");
  await sent("bob", 9.5 * day, "shared");
  const young = await sent("ann", 9.5 * day, "young");
  const unfinished = newId();
  const begun = {
    owner: "ann",
    state: "receiving",
    bytes: 1,
    length: null,
    createdAt: 1,
    usedAt: 9.5 * day,
  } as const;
  await uploads.begin({ ...begun, name: "a".repeat(64), part: unfinished });
  await (await uploads.files.openPart(unfinished))[Symbol.asyncDispose]();
  const orphans = { part: newId(), content: "f".repeat(64) };
  for (const [kind, name] of Object.entries(orphans))
    writeFileSync(join(folder.path, "uploads", `${kind}s`, name), "left by a crash");
  const faults: string[] = [];
  await sweepUploads(
    {
      store,
      uploads,
      clock: { now: () => 10 * day },
      settings: { keepUploadsMs: 7 * day },
      report: { fault: (what: string) => void faults.push(what) },
    } as unknown as Parameters<typeof sweepUploads>[0],
    new AbortController().signal,
  );
  const left: string[] = [];
  for await (const { name } of uploads.files.list()) left.push(name);
  expect(left.toSorted()).toEqual([shared, young, unfinished].toSorted());
  expect(await store.uploads.get("ann", old)).toBeNull();
  expect(await store.uploads.get("ann", shared)).toBeNull();
  expect(await store.uploads.get("bob", shared)).not.toBeNull();
  expect(faults).toEqual([]);
});
