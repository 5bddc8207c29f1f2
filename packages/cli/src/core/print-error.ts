import { type BerthError, errorCatalog, type ErrorCode, isBerthError } from "@berth/protocol/errors";
import type { Flags } from "./define-command.ts";
import { BrokenPipe, type Output, WriteFailed } from "./output.ts";
import { Interrupted } from "./interrupts.ts";
import type { Paint } from "./text/colors.ts";
import { printable } from "./text/printable.ts";
import { inFlags } from "./text/in-flags.ts";
import { systemReason } from "./text/system-error.ts";
import { UsageError } from "./usage-error.ts";

/** How to mend it with this program, where the catalogue speaks of requests. */
const FIXES: Partial<Record<ErrorCode, string>> = {
  UNAUTHENTICATED:
    "Set BERTH_TOKEN, or keep a token with `berth login --token-file FILE`; a fresh server writes one to `<data>/admin-token`",
  REQUEST_INVALID: "Correct the command line: see `--help`",
  IDEMPOTENCY_CONFLICT: "Give the command again",
  ARTIFACT_NOT_FOUND: "Name what to keep with --collect",
  RESULT_NOT_FOUND: "Print the JSON document between two lines `^JSON`, or name a file with --result-file",
  ROUTE_NOT_FOUND: "Check that server and client are of the same version: `berth --version`",
  METHOD_NOT_ALLOWED: "Check that server and client are of the same version: `berth --version`",
  ENGINE_UNKNOWN: "Choose an engine that `berth doctor` lists",
  UPLOAD_TOO_LARGE:
    "Delete what is not needed with `berth upload rm`, or send less: name in `.berthignore` what is to stay here",
  UPLOAD_NOT_FOUND: "See `berth upload list`",
  UPLOAD_IN_USE: "Delete it when the jobs that use it have ended, or stop them",
  BODY_TOO_LARGE: "Send less: --file and --stdin may bring 10 MiB together; --dir brings more",
};

export interface ErrorOptions {
  err: Output;
  paint: Paint;
  flags: Flags;
  /** Tell all that is known of it. */
  verbose?: boolean;
  /** Which server was asked, and how; null when none was. */
  asked?: string | null;
}

/** Tells an error to a person: what failed and why, each wrong field with its flag, how to mend it, its code. */
export async function printError(error: unknown, options: ErrorOptions): Promise<void> {
  // Nobody reads; there is nobody to tell either.
  if (error instanceof BrokenPipe) return;
  const lines = [
    ...errorLines(error, options),
    ...(options.verbose === true ? moreLines(error, options) : whoWasShown(error, options)),
  ];
  await options.err.write((await wrapped(lines, options.err)).map((line) => `${line}\n`).join(""));
}

async function wrapped(lines: readonly string[], { columns }: Output): Promise<readonly string[]> {
  if (columns === null) return lines;
  const { wrap } = await import("./text/wrap.ts");
  return lines.map((line) => wrap(line, { columns, indent: INDENT }));
}

const INDENT = 5;

function errorLines(error: unknown, { paint, flags }: ErrorOptions): string[] {
  const label = paint("red", "Error:");
  if (error instanceof Interrupted)
    return ["berth: Left: no job was submitted; the next try goes on where this one was"];
  if (error instanceof UsageError)
    return [`${label} ${printable(error.message)}`, ...error.lines, `Fix: ${error.fix}`];
  if (isBerthError(error)) return berthErrorLines(error, { label, flags, paint });
  const reason = systemReason(error instanceof WriteFailed ? error.cause : error);
  if (error instanceof WriteFailed)
    return [
      `${label} Cannot write the output: ${reason?.why ?? "it is not taken"}`,
      `Fix: ${reason?.fix ?? "Send the output elsewhere"}`,
    ];
  if (reason !== null) return [`${label} ${printable(whatOf(error))}: ${reason.why}`, `Fix: ${reason.fix}`];
  const text = error instanceof Error ? error.message : String(error);
  return [
    `${label} ${printable(text)}`,
    "Fix: This is a fault of Berth: report it with the command you gave, and what --verbose adds",
  ];
}

function berthErrorLines(
  error: BerthError,
  { label, flags, paint }: { label: string; flags: Flags; paint: Paint },
): string[] {
  const problems = error.problems.map(
    ({ field, message }) => `  ${printable(flagOf(field, flags) ?? field)}: ${printable(inFlags(message))}`,
  );
  const [beginning = ""] = error.message.split(": ");
  // The fields follow line by line: the sentence need not hold them too.
  const fields = problems.length === 1 ? "1 field is wrong" : `${problems.length} fields are wrong`;
  const message = problems.length === 0 ? error.message : `${beginning}: ${fields}`;
  const request = error.requestId === null ? "" : `, request ${printable(error.requestId)}`;
  // Some fields are wrong on this host only: there the catalogue knows more.
  const isWrongAnywhere = problems.length > 0 && error.code === "REQUEST_INVALID";
  const fix = isWrongAnywhere ? "Correct what is named above" : fixOf(error);
  return [
    `${label} ${printable(inFlags(message))}`,
    ...problems,
    `Fix: ${fix}`,
    paint("dim", `Code: ${error.code}${request}`),
  ];
}

/** The server's own where it says more than the catalogue, which speaks of requests; else in words of this program. */
function fixOf(error: BerthError): string {
  const usual: string | undefined = errorCatalog[error.code]?.fix;
  if (error.fix !== usual) return printable(inFlags(error.fix));
  return FIXES[error.code] ?? inFlags(error.fix);
}

/** What failed, of an error of the system: `Cannot open "/x"`. */
function whatOf(error: unknown): string {
  const { syscall, path } = error as { syscall?: unknown; path?: unknown };
  const verb = typeof syscall === "string" ? syscall : "go on";
  return `Cannot ${verb}${typeof path === "string" ? ` "${path}"` : ""}`;
}

/** Who is not known did not always say who to be: the token may be one that another server left on this host. */
function whoWasShown(error: unknown, { asked = null, paint }: ErrorOptions): string[] {
  const isStranger = isBerthError(error) && error.code === "UNAUTHENTICATED" && error.requestId !== null;
  return isStranger && asked !== null ? [paint("dim", `Server: ${printable(asked)}`)] : [];
}

const MOST_CAUSES = 5;

/** For `--verbose`: which server, and what lies behind the sentence. */
function moreLines(error: unknown, { asked = null, paint }: ErrorOptions): string[] {
  const lines = asked === null ? [] : [`Server: ${printable(asked)}`];
  let inner = error instanceof Error ? error.cause : null;
  for (let depth = 0; inner instanceof Error && depth < MOST_CAUSES; depth += 1) {
    const code = "code" in inner && typeof inner.code === "string" ? ` (${inner.code})` : "";
    lines.push(`Because: ${printable(inner.message)}${code}`);
    inner = inner.cause;
  }
  if (error instanceof Error && !isBerthError(error) && !(error instanceof UsageError)) {
    lines.push(...(error.stack ?? "").split("\n").slice(1).map(printable));
  }
  return lines.map((line) => paint("dim", line));
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
