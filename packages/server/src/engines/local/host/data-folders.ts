import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statfsSync,
} from "node:fs";
import { join } from "node:path";
import type { HostMemory } from "./host-memory.ts";

/**
 * Where the engine keeps what. Absolute and plain: what lies below is named by putting texts together, as `join` looks at
 * every letter of a path, and a start of a job names fifty.
 */
export interface EngineFolders {
  /**
   * For as long as the host is up: `jobs/ID` holds what steers a job, `fifos` those that wait. In memory where the
   * host has such a folder: a start then never waits for the journal of a busy disk.
   */
  run: string;
  control: string;
  fifos: string;
  /** On the data disk: `ID` is /work of that job. */
  work: string;
  /** On the same disk: folders that jobs have had as /work and left untouched. */
  untouched: string;
  /** On the same disk: what the kernel needs beside the folder of a job that lies over a tree, by the name of its place. */
  overlays: string;
}

const TMPFS_MAGIC = 0x01021994;

/** Where the engine of this data folder keeps its things. */
export function placesOf(dataDir: string): EngineFolders {
  const run = findRunFolder(dataDir) ?? join(dataDir, "engine", "run");
  return {
    run,
    control: join(run, "jobs"),
    fifos: join(run, "fifos"),
    work: join(dataDir, "jobs"),
    untouched: join(dataDir, "engine", "untouched"),
    overlays: join(dataDir, "engine", "overlays"),
  };
}

/** Every job's user passes through these folders, but may list none. */
export function makeDataFolders(dataDir: string, program: string): EngineFolders {
  const engine = join(dataDir, "engine");
  const places = placesOf(dataDir);
  for (const spare of [places.fifos, places.untouched]) rmSync(spare, { recursive: true, force: true });
  for (const folder of [dataDir, engine, ...Object.values<string>({ ...places })]) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o711);
  }
  writeInit(places.run, program);
  return places;
}

/** Takes away what is for this run only, unless a job is still there. */
export function leaveRunFolder({ run, control }: EngineFolders, memory: HostMemory): void {
  // Where somebody else took it away, nothing of it is left to take.
  if (existsSync(control) && readdirSync(control).length > 0) return;
  memory.leave();
  // The shim of a place that was given up may still be making its files.
  rmSync(run, { recursive: true, force: true, maxRetries: 10, retryDelay: 10 });
}

/** A folder of ours in memory that stays until the host goes down; null where there is none. */
function findRunFolder(dataDir: string): string | null {
  const name = `berth-${createHash("sha256").update(dataDir).digest("hex").slice(0, 16)}`;
  for (const parent of ["/run", "/dev/shm"]) {
    try {
      if (statfsSync(parent).type !== TMPFS_MAGIC) continue;
      const path = join(parent, name);
      mkdirSync(path, { recursive: true, mode: 0o711 });
      const found = lstatSync(path);
      // Anybody may make folders in /dev/shm.
      if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0) return path;
    } catch {
      // Not ours to use: the next one, or the data disk.
    }
  }
  return null;
}

/** The spawner puts it into the root of every job. One that is not there is told by `check`, and by every job. */
function writeInit(run: string, program: string): void {
  const folder = join(run, "init");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  if (existsSync(program)) copyFileSync(program, join(folder, "init"));
}
