import { join } from "node:path";
import { takeUpTrail } from "../audit/take-up.ts";
import { openTrail } from "../audit/trail.ts";
import type { Config } from "../config/config.ts";
import { systemClock } from "../lib/clock.ts";
import { moveRegistryFile } from "../pki/files/registry-file.ts";
import { lockDataDir } from "../store/data-dir-lock.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/store.ts";
import { reportFault } from "./report-fault.ts";

/**
 * The store that the server on this host uses, for a command that runs while that is down. Throws DATA_FOLDER_IN_USE, and
 * with PostgreSQL DATABASE_IN_USE, while a server has it.
 */
export async function openHostStore({ dataDir, database }: Config): Promise<Store> {
  await using opening = new AsyncDisposableStack();
  opening.use(await lockDataDir(dataDir));
  const report = (lost: Error | null): void => {
    if (lost !== null) reportFault("The database is lost", lost);
  };
  const trail = opening.use(openTrail(dataDir, reportFault));
  const store = opening.use(await openStore({ database, dataDir, report, trail }));
  await takeUpTrail(store.audit, trail, () => systemClock.now());
  const folder = join(dataDir, "pki");
  await moveRegistryFile({ folder, certificates: store.certificates, now: systemClock.now() });
  const open = opening.move();
  return { ...store, [Symbol.asyncDispose]: () => open[Symbol.asyncDispose]() };
}
