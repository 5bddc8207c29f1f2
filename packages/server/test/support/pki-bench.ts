import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createManualClock, type ManualClock } from "../../src/lib/manual-clock.ts";
import { type Ca, createCa } from "../../src/pki/ca.ts";
import { createRoot } from "../../src/pki/create-root.ts";
import type { IssuedPair, Issuer } from "../../src/pki/issue.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

export interface PkiBench extends Issuer, AsyncDisposable {
  clock: ManualClock;
  ca: Ca;
  store: Store;
  /** The folder of keys. */
  folder: string;
  /** What was reported. */
  reports: string[];
  /** Writes a file beside the folder of keys; returns its path. */
  write(name: string, text: string): Promise<string>;
  /** Writes `<name>.crt` and `<name>.key`. */
  writePair(name: string, pair: IssuedPair): Promise<{ crt: string; key: string }>;
}

let migrated: Promise<Buffer> | null = null;

/** A database that has its tables, made once for the tests of a file: to make them takes longer than most of the tests. */
function migratedDatabase(): Promise<Buffer> {
  migrated ??= (async () => {
    await using folder = tempFolder();
    const path = join(folder.path, "berth.db");
    // What is closed lies in one file.
    await (await openSqliteStore({ path }))[Symbol.asyncDispose]();
    return await readFile(path);
  })();
  return migrated;
}

/** An authority with a quick key in a folder of its own. The clock starts at the present: OpenSSL has no other. */
export async function openPkiBench({ startMs = Date.now() } = {}): Promise<PkiBench> {
  await using opening = new AsyncDisposableStack();
  const temp: TempFolder = opening.use(tempFolder());
  const clock = createManualClock(startMs);
  const folder = join(temp.path, "pki");
  const reports: string[] = [];
  const report = (what: string): void => void reports.push(what);
  await mkdir(folder);
  const path = join(temp.path, "berth.db");
  await writeFile(path, await migratedDatabase());
  const store = opening.use(await openSqliteStore({ path }));
  const { certificates, authorities } = store;
  const ca = opening.use(
    await createCa(
      { folder, clock, authorities, report },
      await createRoot({ now: clock.now(), key: "ec-p256" }),
    ),
  );
  const open = opening.move();
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(temp.path, name);
    await writeFile(path, text);
    return path;
  };
  return {
    clock,
    ca,
    registry: certificates,
    store,
    folder,
    reports,
    write,
    writePair: async (name, { chainPem, key }) => ({
      crt: await write(`${name}.crt`, chainPem),
      key: await write(`${name}.key`, key.reveal()),
    }),
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}
