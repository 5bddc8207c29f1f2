import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

/** What this host has, as far as the defaults depend on it. */
export interface Host {
  cores: number;
  memoryBytes: number;
  /** Processes and threads that the kernel lets be at once. */
  processes: number;
  /** Files, pipes and connections that this process may have open at once. */
  descriptors: number;
}

export function readHost(): Host {
  // In a container the limit of its control group counts, not the memory of the machine.
  const limit = process.constrainedMemory();
  const total = totalmem();
  return {
    cores: availableParallelism(),
    memoryBytes: limit > 0 ? Math.min(limit, total) : total,
    processes: Math.min(kernelNumber("pid_max"), kernelNumber("threads-max")),
    descriptors: descriptorLimit(),
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

/** Node has raised it as far as it may when this is read. */
function descriptorLimit(): number {
  try {
    const [, soft] =
      /^Max open files +(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(soft ?? 1024);
  } catch {
    return 1024;
  }
}
