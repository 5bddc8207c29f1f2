import { BerthError } from "@berth/protocol/errors";
import { exitCodeOfError, exitCodes } from "../../core/exit-codes.ts";
import { printError } from "../../core/print-error.ts";
import { UsageError } from "../../core/usage-error.ts";
import { allUploads, type UploadAction } from "./upload-action.ts";

export async function removeUploads({ words, flags, cli }: UploadAction): Promise<number> {
  if (words.length === 0) {
    throw new UsageError("Cannot delete an upload: there is no name", "`berth upload list` shows them");
  }
  const berth = await cli.connectAsUser();
  const known = (await allUploads(berth)).map(({ sha256 }) => sha256);
  const deleted: string[] = [];
  let code: number = exitCodes.ok.code;
  for (const word of words) {
    try {
      const sha256 = theOne(word, known);
      await berth.uploads.delete(sha256);
      deleted.push(sha256);
      if (!flags.json) await cli.out.line(sha256);
    } catch (error) {
      await printError(error, { err: cli.err, paint: cli.paintErr, flags: {} });
      code = exitCodeOfError(error);
    }
  }
  if (flags.json) await cli.out.json({ deleted });
  return code;
}

/** The upload whose name begins so. */
function theOne(word: string, known: readonly string[]): string {
  // Every name begins with nothing.
  if (word === "")
    throw new UsageError(
      "Cannot delete an upload: a name is empty",
      "Write how its name begins: `berth upload list`",
    );
  const found = [...new Set(known.filter((name) => name.startsWith(word.toLowerCase())))];
  const [first] = found;
  if (first === undefined) throw new BerthError("UPLOAD_NOT_FOUND", `Cannot find upload "${word}"`);
  if (found.length === 1) return first;
  throw new UsageError(
    `Cannot tell which upload "${word}" is: ${found.length} begin so`,
    "Write more of its name: `berth upload list`",
  );
}
