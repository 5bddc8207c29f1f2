import { type Check, formatSize, isBerthError } from "@berth/protocol";
import type { DatabaseReport } from "../../store/database-report.ts";

/** Less than this share of the disk, or of the connections, is too little. */
const LEAST_SHARE = 0.05;
const LEAST_FREE_BYTES = 2 ** 30;

/** What a database's report means for the server that uses it. */
export function databaseChecks(report: DatabaseReport): Check[] {
  return [
    connection(report),
    ...(report.version === null ? [] : [ok("version", report.version)]),
    ...migrations(report),
    ...lock(report),
    ...room(report),
    ...connections(report),
    ...durability(report),
  ];
}

function ok(name: string, detail: string): Check {
  return { name, status: "ok", detail, fix: null };
}

function connection({ failure }: DatabaseReport): Check {
  if (failure === null) return ok("connection", "It answers and takes writes");
  const fix = isBerthError(failure) ? failure.fix : "Look at the server's log";
  return { name: "connection", status: "missing", detail: failure.message, fix };
}

function migrations({ migrations: found }: DatabaseReport): Check[] {
  if (found === null) return [];
  const { applied, known } = found;
  const detail = `${applied.length} of ${known} applied, the newest "${applied.at(-1) ?? ""}"`;
  if (applied.length === known) return [ok("migrations", detail)];
  const fix = "Start the newest Berth that has used this database, and no older one beside it";
  return [{ name: "migrations", status: "missing", detail, fix }];
}

function lock({ holder, failure }: DatabaseReport): Check[] {
  if (holder?.isThisServer === true) return [ok("lock", `This server has it alone: ${holder.name}`)];
  // Then nobody could be asked.
  if (holder === null && failure !== null) return [];
  const detail = holder === null ? "Nobody is known to have it" : `Another server has it: ${holder.name}`;
  const fix = "Let one server use it: stop the other one, or give this one a database of its own";
  return [{ name: "lock", status: "missing", detail, fix }];
}

function room({ kind, place, sizeBytes, disk }: DatabaseReport): Check[] {
  if (sizeBytes === null) return [];
  const taken = `It takes ${formatSize(sizeBytes)}`;
  if (disk === null) {
    return kind === "sqlite" ? [] : [ok("room", `${taken}; what is free there, its own host knows`)];
  }
  const detail = `${taken}, ${formatSize(disk.freeBytes)} of ${formatSize(disk.totalBytes)} are free on its disk`;
  const isLow = disk.freeBytes < Math.min(LEAST_FREE_BYTES, disk.totalBytes * LEAST_SHARE);
  if (!isLow) return [ok("room", detail)];
  const fix = `Make room on the disk of "${place}", or keep finished jobs for less long: BERTH_KEEP_JOBS_FOR`;
  return [{ name: "room", status: "warning", detail, fix }];
}

function connections({ connections: found }: DatabaseReport): Check[] {
  if (found === null) return [];
  const detail = `${found.used} of ${found.most} are used`;
  if (found.most - found.used > found.most * LEAST_SHARE) return [ok("connections", detail)];
  const fix = "Raise max_connections of PostgreSQL, or end what holds them: this server takes ten at most";
  return [{ name: "connections", status: "warning", detail, fix }];
}

function durability({ kind, durability: settings, disk, place }: DatabaseReport): Check[] {
  const checks = settings.map(({ name, value, isDurable }): Check => {
    if (isDurable) return ok(name, value);
    const detail = `${value}: what was accepted may be gone when the host loses power`;
    const fix =
      kind === "postgres"
        ? `ALTER SYSTEM SET ${name} = on; then SELECT pg_reload_conf()`
        : "Start this server again: it sets this by itself";
    return { name, status: "warning", detail, fix };
  });
  if (disk?.isMemory !== true) return checks;
  const detail = "The database lies in memory: all of it is gone when the host restarts";
  const fix = `Let BERTH_DATA_DIR name a folder on a disk, and move "${place}" there with the rest`;
  return [...checks, { name: "disk", status: "warning", detail, fix }];
}
