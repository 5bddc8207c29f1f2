import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

/** What this host has, as far as the defaults depend on it. */
export interface Host {
  cores: number;
  memoryBytes: number;
  /** Processes and threads that the kernel lets be at once. */
  processes: number;
}

export function readHost(): Host {
  // In a container the limit of its control group counts, not the memory of the machine.
  const limit = process.constrainedMemory();
  const total = totalmem();
  return {
    cores: availableParallelism(),
    memoryBytes: limit > 0 ? Math.min(limit, total) : total,
    processes: Math.min(kernelNumber("pid_max"), kernelNumber("threads-max")),
  };
}

/** What Linux has allowed since ever stands in where it cannot be read. */
function kernelNumber(name: string): number {
  try {
    return Number(readFileSync(`/proc/sys/kernel/${name}`, "utf8"));
  } catch {
    return 32_768;
  }
}
