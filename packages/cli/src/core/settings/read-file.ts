import { readFileSync, statSync } from "node:fs";
import { BerthError } from "@berth/protocol/errors";
import { systemReason } from "../text/system-error.ts";

/** Others may neither read nor write a file that holds a token. */
const OPEN_TO_OTHERS = 0o006;

export function refuseOpenFile(path: string): void {
  const mode = statSync(path).mode & 0o777;
  if ((mode & OPEN_TO_OTHERS) === 0) return;
  const shown = mode.toString(8).padStart(4, "0");
  throw invalid(
    `Cannot use the token in "${path}": others may read or change it (mode ${shown}): run chmod 600`,
  );
}

export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw invalid(`Cannot read "${path}": ${systemReason(error)?.why ?? String(code)}`, error);
  }
}

export function invalid(message: string, cause?: unknown): BerthError {
  return new BerthError("SETTINGS_INVALID", message, { cause });
}

export function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
