import { formatDuration } from "@berth/protocol";
import type { DatabaseAddress } from "../core/database-address.ts";

/** What is wrong with standing by only together with where the database is. */
export function standbyProblems({
  database,
  standbyMs,
}: {
  database: DatabaseAddress;
  standbyMs: number | null;
}): string[] {
  if (standbyMs === null || database.kind === "postgres") return [];
  return [
    "BERTH_STANDBY must be none while BERTH_DATABASE is a file of the data folder, which no other server can have: " +
      `current value is "${formatDuration(standbyMs)}"`,
  ];
}
