import type { End } from "../../../core/job/end.ts";
import { printable } from "../../../lib/text/printable.ts";
import type { Uploads } from "../../../uploads/uploads.ts";
import { type Launcher, LaunchRefused } from "./launcher.ts";
import { UNPACK_SCRIPT, UNPACK_ZIP, unpackExit } from "./unpack-script.ts";

/** What the shell makes of SIGXFSZ: a file grew past what one may have. */
const FILE_TOO_LARGE = 128 + 25;
/** Characters of what the tool said that are worth showing. */
const MOST_SAID = 300;

/**
 * Unpacks a job's archive in the job's own sandbox, as its user, by the tools of the host: a hostile archive meets what
 * hostile code meets. It comes as standard input, which the job can read and not name.
 */
export function unpackLauncher({ store, files }: Uploads): Launcher {
  return {
    async launch({ spec, owner }) {
      const { archive, workdir = "/work" } = spec.view;
      if (archive === undefined) throw new Error("Cannot unpack: the job has no archive");
      const upload = await store.get(owner, archive.upload);
      // A job that waits keeps its upload: whoever took it away was the server's own operator, or a restore of less.
      if (upload?.state !== "complete" || !(await files.holds(upload.name)))
        throw new LaunchRefused(
          failedEnd(`the server has lost upload "${archive.upload}": send it once more`),
        );
      const { format, strip = 0, into = "." } = archive;
      return {
        command: "/bin/sh",
        args: ["-c", UNPACK_SCRIPT, "unpack", format, String(strip), into, inWork(workdir), UNPACK_ZIP],
        stdin: { file: files.pathOf(upload.name) },
      };
    },
    explain: explained,
  };
}

/** Made where it is not in the archive, as for a job without one; elsewhere there is nothing to make. */
function inWork(workdir: string): string {
  return workdir.startsWith("/work/") ? workdir : "/work";
}

/** What ended by the job's own walls keeps its cause: those of disk, memory and time are named already. */
function explained(end: End, said: string): End {
  const { cause } = end;
  if (cause.code !== "exit" && cause.code !== "signal") return end;
  const exitCode = typeof cause.evidence["exitCode"] === "number" ? cause.evidence["exitCode"] : null;
  if (exitCode === FILE_TOO_LARGE || exitCode === unpackExit.diskLimit) {
    const message =
      "Cannot unpack the archive: what is in it passes the disk limit: raise `disk`, or send less";
    return { ...end, cause: { ...cause, code: "disk_limit", message } };
  }
  return { ...end, cause: { ...failedEnd(reasonOf(exitCode, said)).cause, evidence: cause.evidence } };
}

function reasonOf(exitCode: number | null, said: string): string {
  const [first = ""] = said
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.includes("Exiting with failure"));
  const tool = printable(first.replace(/^(tar|gzip|zstd|unpack): /, ""), { most: MOST_SAID });
  if (exitCode === unpackExit.absoluteName) return `a name in it leads out of the folder: ${tool}`;
  if (exitCode === unpackExit.noRoom)
    return `it passes the disk limit of the job, or the server's data disk is full: ${tool}`;
  if (exitCode === 127) return `the server's host has not the tool for its format: ${tool}`;
  return tool === "" ? "the tool that unpacks it was ended" : tool;
}

function failedEnd(why: string): End {
  return {
    state: "failed",
    cause: { code: "source_failed", message: `Cannot unpack the archive: ${why}`, evidence: {} },
  };
}
