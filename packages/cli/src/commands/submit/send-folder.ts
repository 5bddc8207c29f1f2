import { formatSize } from "@berth/protocol/units";
import type { Archive, FolderProgress, JobRequest } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import type { FlagValues } from "../../core/define-command.ts";
import { catchInterrupts } from "../../core/interrupts.ts";
import { printable } from "../../core/text/printable.ts";
import { ProgressLine } from "../../core/text/progress-line.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { folderFlags } from "./folder-flags.ts";

/** Of what is left out, so much is named. */
const MOST_NAMED = 5;

export interface SendFolderOptions {
  /** The job that gets it: one that the server would refuse is refused before anything is packed. */
  request: JobRequest;
  flags: FlagValues<typeof folderFlags>;
  /** Say nothing but what failed. */
  quiet: boolean;
  cli: Cli;
}

/**
 * Sends the folder that the flags name: resolves with what the job says of it, or with nothing where none is named. The first
 * signal (Ctrl-C) ends it, and throws Interrupted: there is no job yet. What has come is kept, and gone on with next time.
 */
export async function sendFolder({
  request,
  flags,
  quiet,
  cli,
}: SendFolderOptions): Promise<{ archive?: Archive }> {
  const { dir, "ignore-file": ignoreFile } = flags;
  if (dir === undefined) {
    if (ignoreFile === undefined) return {};
    throw new UsageError("Cannot use --ignore-file: there is no folder to send", "Name it with --dir");
  }
  const berth = await cli.connectAsUser();
  const { fromFolder } = await import("@berth/sdk/folder");
  using interrupts = catchInterrupts(cli.surroundings.signals);
  let there: (FolderProgress & { step: "there" }) | null = null;
  let archive: Archive;
  const folder = fromFolder(dir, { ignoreFile });
  await berth.jobs.check({ ...request, archive: folder }, { signal: interrupts.first });
  {
    using line = new ProgressLine(cli.err);
    archive = await berth.uploads.archive(folder, {
      signal: interrupts.first,
      onProgress(progress) {
        if (progress.step === "there") there = progress;
        else if (!quiet)
          line.show({ ...progress, verb: progress.step === "packing" ? "Packing" : "Sending" });
      },
    });
  }
  if (!quiet && there !== null) await report(there, cli);
  return { archive };
}

/** On a terminal what was sent; everywhere what was not. */
async function report(
  { folder, wasThere }: FolderProgress & { step: "there" },
  { err, paintErr }: Cli,
): Promise<void> {
  const { skipped, entries, size } = folder;
  for (const { path, why } of skipped.slice(0, MOST_NAMED))
    await err.line(`berth: Left out "${printable(path)}": ${why}`);
  if (skipped.length > MOST_NAMED)
    await err.line(`berth: Left out ${skipped.length - MOST_NAMED} more of this kind`);
  if (!err.isTerminal) return;
  const what = `${entries} ${entries === 1 ? "entry" : "entries"}, ${formatSize(size)}`;
  const text = wasThere ? `berth: The server has this folder already: ${what}` : `berth: Sent ${what}`;
  await err.line(paintErr("dim", text));
}
