/**
 * Ends a process that should have ended by itself: after `ms` it names what still keeps it alive and is gone with
 * code 2. It does not keep the process alive itself.
 */
export function exitWatchdog(ms: number): void {
  setTimeout(() => {
    console.error(`Cannot end in time: still open are ${process.getActiveResourcesInfo().join(", ")}`);
    process.exit(2);
  }, ms).unref();
}
