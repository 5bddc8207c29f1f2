import { availableParallelism, totalmem } from "node:os";

/** What this host has, as far as the defaults depend on it. */
export interface Host {
  cores: number;
  memoryBytes: number;
}

export function readHost(): Host {
  // In a container the limit of its control group counts, not the memory of the machine.
  const limit = process.constrainedMemory();
  const total = totalmem();
  return { cores: availableParallelism(), memoryBytes: limit > 0 ? Math.min(limit, total) : total };
}
