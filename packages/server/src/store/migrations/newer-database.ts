import { BerthError } from "@berth/protocol";

/** `what`: which database cannot be opened. An older version knows nothing of what a newer one has made of the tables. */
export function newerDatabase(what: string, migration: string): BerthError {
  return new BerthError(
    "STORAGE_FAILED",
    `${what}: a newer Berth has written it (migration "${migration}")`,
    {
      fix: "Start the version that has written it, or a later one; to go back, restore the copy from before the upgrade",
    },
  );
}
