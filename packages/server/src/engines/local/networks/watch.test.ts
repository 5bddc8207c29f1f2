import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { until } from "../../../../test/support/until.ts";
import { Addresses } from "./addresses.ts";
import { Watch } from "./watch.ts";

/** A watch over a table that is put back as often as `mend` says, beside what was told of it. */
function watchOver(folder: string, mend: () => Promise<void>, isWhole = () => Promise.resolve(false)) {
  const told: string[] = [];
  const addresses = new Addresses({
    dataDir: folder,
    counterFile: `${folder}/counter`,
    range: "10.88.0.0/16",
    hasV6: false,
    onNotice: () => undefined,
  });
  const watch = new Watch({
    addresses,
    table: { name: "berth_test", isForeign: () => true, isWhole, mend },
    helper: { ask: () => Promise.resolve([]) },
    opening: () => Promise.resolve(),
    foreignChanges: "mend",
    onNotice: (notice) => void told.push(notice),
  });
  watch.onMended(() => void told.push("mended"));
  return { watch, told };
}

it("tries again to put back what could not be, and says so once", async () => {
  await using folder = tempFolder();
  let tries = 0;
  const { watch, told } = watchOver(folder.path, () => {
    tries += 1;
    return tries < 4 ? Promise.reject(new Error("no memory")) : Promise.resolve();
  });
  await watch.changed(1);
  expect(tries).toBe(4);
  expect(told).toEqual([
    expect.stringContaining("could not be put back"),
    expect.stringContaining("it was put back"),
    "mended",
  ]);
});

it("tries no more when the networks are closed", async () => {
  await using folder = tempFolder();
  let tries = 0;
  const { watch, told } = watchOver(folder.path, () => {
    tries += 1;
    return Promise.reject(new Error("no memory"));
  });
  const changed = watch.changed(1);
  await until(() => told.length > 0, { what: "the first failure" });
  watch[Symbol.dispose]();
  await changed;
  const before = tries;
  await watch.changed(1);
  expect(tries).toBe(before);
  expect(told).toHaveLength(1);
});

it("puts back what was changed while it was looked whether all was as it was", async () => {
  await using folder = tempFolder();
  const [asked, look] = [Promise.withResolvers<void>(), Promise.withResolvers<boolean>()];
  const mend = (): Promise<void> => Promise.resolve();
  const { watch, told } = watchOver(folder.path, mend, () => {
    asked.resolve();
    return look.promise;
  });
  const unknown = watch.changed(null);
  await asked.promise;
  await watch.changed(1);
  look.resolve(true);
  await unknown;
  expect(told).toContain("mended");
});
