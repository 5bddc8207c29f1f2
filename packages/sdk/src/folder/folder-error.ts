import { BerthError } from "@berth/protocol/errors";
import { isSystemRefusal, refusalCode, systemRefusals } from "@berth/protocol/system-refusals";

/** FOLDER_INVALID: what of a folder cannot be packed, and why. */
export function cannotPack(
  folder: string,
  why: string,
  options: { cause?: unknown; fix?: string } = {},
): BerthError {
  return new BerthError("FOLDER_INVALID", `Cannot pack folder "${folder}": ${why}`, options);
}

/** FOLDER_CHANGED: the archive would hold what never stood there at one time. */
export function changed(folder: string, path: string): BerthError {
  return new BerthError(
    "FOLDER_CHANGED",
    `Cannot pack folder "${folder}": "${path}" was changed while it was read`,
  );
}

/** What the system refused, in words. */
export function reasonOf(error: unknown): string {
  const code = refusalCode(error);
  if (code !== null && isSystemRefusal(code)) return systemRefusals[code];
  return code ?? (error instanceof Error ? error.message : String(error));
}
