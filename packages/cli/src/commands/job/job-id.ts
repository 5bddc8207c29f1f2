import type { Flags } from "../../core/define-command.ts";
import { UsageError } from "../../core/usage-error.ts";

/** A job may be named by a flag as well as by the first word. */
export const idFlag = {
  id: { type: "string", about: "The job, in place of the word ID", value: "ID" },
} as const satisfies Flags;

/** The one id that the command line names. */
export function oneId([word, ...more]: readonly string[], flag: string | undefined): string {
  const id = flag ?? word;
  if (id === undefined) {
    throw new UsageError(
      "Cannot tell which job is meant: there is no id",
      "Name it: `berth list` shows them",
    );
  }
  if (more.length > 0 || (flag !== undefined && word !== undefined)) {
    throw new UsageError("Cannot tell which job is meant: there are several ids", "Name one");
  }
  return id;
}
