import { isBerthError } from "@berth/protocol";

/** What fails beside a command's own work. */
export function reportFault(what: string, error: unknown): void {
  console.error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  if (isBerthError(error)) console.error(`Fix: ${error.fix}`);
}
