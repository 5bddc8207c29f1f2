import { type ErrorCode, isBerthError } from "@berth/protocol/errors";
import type { Flags } from "./define-command.ts";
import { BrokenPipe, type Output, WriteFailed } from "./output.ts";
import type { Paint } from "./colors.ts";
import { printable } from "./printable.ts";
import { UsageError } from "./usage-error.ts";

/** How to mend it with this program, where the catalogue speaks of requests. */
const FIXES: Partial<Record<ErrorCode, string>> = {
  UNAUTHENTICATED:
    "Set BERTH_TOKEN, or write `token` into ~/.config/berth/config.json; a fresh server keeps one in `<data>/admin-token`",
  IDEMPOTENCY_CONFLICT: "Give the command again",
  ARTIFACT_NOT_FOUND: "Name what to keep with --collect",
};

/** Tells an error to a person: what failed and why, each wrong field with its flag, how to mend it. */
export async function printError(
  error: unknown,
  options: { err: Output; paint: Paint; flags: Flags },
): Promise<void> {
  // Nobody reads; there is nobody to tell either.
  if (error instanceof BrokenPipe) return;
  await options.err.write(
    `${errorLines(error, options)
      .map((line) => `${line}\n`)
      .join("")}`,
  );
}

function errorLines(error: unknown, { paint, flags }: { paint: Paint; flags: Flags }): string[] {
  const label = paint("red", "Error:");
  if (error instanceof UsageError)
    return [`${label} ${printable(error.message)}`, ...error.lines, `Fix: ${error.fix}`];
  if (error instanceof WriteFailed)
    return [`${label} ${printable(error.message)}`, "Fix: Make room there, or send the output elsewhere"];
  if (!isBerthError(error)) {
    const text = error instanceof Error ? error.message : String(error);
    return [
      `${label} ${printable(text)}`,
      "Fix: This is a fault of Berth: report it with the command you gave",
    ];
  }
  const problems = error.problems.map(
    ({ field, message }) => `  ${printable(flagOf(field, flags) ?? field)}: ${printable(message)}`,
  );
  const [beginning = ""] = error.message.split(": ");
  // The fields follow line by line: the sentence need not hold them too.
  const fields = problems.length === 1 ? "1 field is wrong" : `${problems.length} fields are wrong`;
  const message = problems.length === 0 ? error.message : `${beginning}: ${fields}`;
  const request = error.requestId === null ? "" : ` (request ${printable(error.requestId)})`;
  const fix = problems.length > 0 ? "Correct what is named above" : (FIXES[error.code] ?? error.fix);
  return [
    `${label} ${printable(message)}${error.code === "INTERNAL" ? request : ""}`,
    ...problems,
    `Fix: ${fix}`,
  ];
}

/** `resources.memory` -> `--memory`, so that a person reads what they wrote. */
function flagOf(field: string, flags: Flags): string | null {
  const found = Object.entries(flags)
    .filter(([, flag]) => flag.field !== undefined)
    .find(([, flag]) => field === flag.field || new RegExp(`^${flag.field ?? ""}[.[]`).test(field));
  if (found === undefined) return null;
  const [name, flag] = found;
  return `--${name}${field.slice(flag.field?.length ?? 0)}`;
}
