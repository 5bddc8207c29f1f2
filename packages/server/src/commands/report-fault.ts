/** What fails beside a command's own work. */
export function reportFault(what: string, error: unknown): void {
  console.error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
}
