import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../test/support/temp-folder.ts";
import { entryOfServer } from "../audit/audit.ts";
import { newSeal } from "../core/audit/chain.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import { AuditKeys } from "./audit-keys.ts";
import { MasterKeys } from "./master-keys.ts";
import { Secrets } from "./secrets.ts";

const entry = entryOfServer({ verb: "share", resource: "audit", name: "chain" }, 0);

it("keeps a key for whoever has the master key, over its rotation and whatever else is forgotten", async () => {
  await using scope = new AsyncDisposableStack();
  const folder = scope.use(tempFolder()).path;
  const store = scope.use(await openSqliteStore({ path: join(folder, "berth.db") }));
  const now = (): number => 0;
  const keysAt = (path: string) => new MasterKeys({ kind: "own-file", path: join(folder, path) });
  const auditKeys = (keys: MasterKeys) => new AuditKeys({ store, keys, now });
  const [keys, seal] = [keysAt("ours"), newSeal()];
  await auditKeys(keys).keep(seal, entry);
  await auditKeys(keys).keep(seal, entry);
  const kept = new Map([[seal.keyId, Buffer.from(seal.key)]]);
  expect(await auditKeys(keysAt("ours")).all()).toEqual(kept);
  expect(await auditKeys(keysAt("others")).all()).toEqual(new Map());

  const secrets = await Secrets.open({ store: store.secrets, keys, mounted: null, now });
  expect(await secrets.list()).toEqual([]);
  const foreign = newSeal();
  await auditKeys(keysAt("others")).keep(foreign, entry);
  const { key } = await secrets.rotate();
  await store.secrets.prune();
  const after = await store.secrets.auditKeys();
  expect(after.filter(({ keyId }) => keyId === key).map(({ id }) => id)).toEqual([seal.keyId]);
  expect(after).toHaveLength(2);
  expect(await auditKeys(keysAt("ours")).all()).toEqual(kept);
});

it("puts its own into the place of what does not open, and takes none that is not the key of its id", async () => {
  await using scope = new AsyncDisposableStack();
  const folder = scope.use(tempFolder()).path;
  const store = scope.use(await openSqliteStore({ path: join(folder, "berth.db") }));
  const keys = new MasterKeys({ kind: "own-file", path: join(folder, "ours") });
  const shared = new AuditKeys({ store, keys, now: () => 0 });
  const [own, other] = [newSeal(), newSeal()];
  // Under the master key, and for this id: only what it is says that it is another.
  await shared.keep({ ...other, keyId: own.keyId }, entry);
  expect(await shared.all()).toEqual(new Map());
  await shared.keep(own, entry);
  expect(await shared.all()).toEqual(new Map([[own.keyId, Buffer.from(own.key)]]));
});
