let armedAt: string | null = null;

/** Makes the process kill itself when it comes to this point; null disarms. For tests of what survives that. */
export function armCrashPoint(name: string | null): void {
  armedAt = name;
}

/**
 * Marks a step boundary. Does nothing unless it was armed; then the process is gone before this returns, as by
 * `kill -9`: no handler runs, nothing is flushed.
 */
export function crashPoint(name: string): void {
  if (armedAt === name) process.kill(process.pid, "SIGKILL");
}
