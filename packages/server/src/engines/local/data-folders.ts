import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InitKind } from "./bundle/init-command.ts";

/** Every job's user passes through these folders, but may list none. */
export function makeDataFolders(dataDir: string, init: InitKind): { jobs: string; fifos: string } {
  const jobs = join(dataDir, "jobs");
  const fifos = join(dataDir, "engine", "fifos");
  rmSync(fifos, { recursive: true, force: true });
  for (const folder of [dataDir, jobs, join(dataDir, "engine"), fifos]) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o711);
  }
  writeInit(dataDir, init);
  return { jobs, fifos };
}

/** The spawner puts it into the root of every job. */
function writeInit(dataDir: string, { program }: InitKind): void {
  const path = join(dataDir, "engine", "init");
  if (program) writeFileSync(path, program);
  else rmSync(path, { force: true });
}
