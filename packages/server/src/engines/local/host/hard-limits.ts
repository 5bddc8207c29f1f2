import { readFileSync } from "node:fs";

/** This process's own hard limits. A job's may not be above them: raising needs a privilege. */
export interface HardLimits {
  openFiles: number;
  pendingSignals: number;
  /** Of POSIX message queues. */
  queueBytes: number;
  coreBytes: number;
}

/** Where there is no limit. */
const MANY = 1_048_576;

export function readHardLimits(): HardLimits {
  const text = readFileSync("/proc/self/limits", "utf8");
  const hard = (name: string): number => {
    const value = Number(new RegExp(`^Max ${name}\\s+\\S+\\s+(\\S+)`, "m").exec(text)?.[1]);
    return Number.isNaN(value) ? MANY : value;
  };
  return {
    openFiles: hard("open files"),
    pendingSignals: hard("pending signals"),
    queueBytes: hard("msgqueue size"),
    coreBytes: hard("core file size"),
  };
}
