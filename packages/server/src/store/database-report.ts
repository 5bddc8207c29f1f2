/** What a database says of itself and of its hold on the disk. Facts: what they mean is not the store's to say. */
export interface DatabaseReport {
  kind: "sqlite" | "postgres";
  /** A path, or a URL without user and password. */
  place: string;
  /** Why it cannot be read or written now; null when it can. What could not be asked is null then. */
  failure: Error | null;
  /** As in `PostgreSQL 15.8`. */
  version: string | null;
  /** Names, oldest first; and how many this version of Berth knows. */
  migrations: { applied: readonly string[]; known: number } | null;
  /** Who has it for itself alone; null where nobody has. */
  holder: { isThisServer: boolean; name: string } | null;
  /** What it takes on its disk, in bytes. */
  sizeBytes: number | null;
  /** Of the disk that it lies on; null where that is another host's. */
  disk: { freeBytes: number; totalBytes: number; isMemory: boolean } | null;
  /** Connections that clients have, and that there may be; null where there are none to count. */
  connections: { used: number; most: number } | null;
  /** Settings on which it hangs that what is stored stays stored. */
  durability: readonly DurabilitySetting[];
}

export interface DurabilitySetting {
  name: string;
  value: string;
  isDurable: boolean;
}
