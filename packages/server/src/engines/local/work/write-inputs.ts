import {
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  mkdirSync,
  openSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../engine.ts";
import type { TimeShare } from "./time-share.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** Writes a job's input files below its folder, owned by its user. Programs by their first bytes may be executed. */
export async function writeInputs(
  work: string,
  {
    files,
    owner,
    share,
  }: { files: readonly { name: string; content: Uint8Array }[]; owner: number; share: TimeShare },
): Promise<void> {
  chownSync(work, owner, owner);
  const made = new Set<string>();
  for (const file of files) {
    await share.next();
    try {
      writeInput(work, { ...file, owner, made });
    } catch (error) {
      // Two names that cannot be there at once, as "a" and "a/b".
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EEXIST" && code !== "ENOTDIR" && code !== "EISDIR" && code !== "ENAMETOOLONG")
        throw error;
      throw new EngineError(`Cannot write input file "${file.name}": ${code}`, {
        blame: "job",
        retryable: false,
        cause: error,
      });
    }
  }
}

function writeInput(
  work: string,
  { name, content, owner, made }: { name: string; content: Uint8Array; owner: number; made: Set<string> },
): void {
  const parts = name.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new EngineError(`Cannot write input file "${name}": not a path below the job's folder`, {
      blame: "job",
      retryable: false,
    });
  }
  parts.pop();
  makeFolders(work, { parts, owner, made });
  const fd = openSync(join(work, name), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  try {
    writeFileSync(fd, content);
    fchmodSync(fd, isProgram(content) ? 0o755 : 0o644);
    fchownSync(fd, owner, owner);
  } finally {
    closeSync(fd);
  }
}

/** Makes folder below folder, owned by the job; those that are there stay. `made` are known to be. */
export function makeFolders(
  work: string,
  { parts, owner, made }: { parts: readonly string[]; owner: number; made?: Set<string> },
): void {
  let at = work;
  for (const part of parts) {
    at = join(at, part);
    if (made?.has(at)) continue;
    try {
      mkdirSync(at, 0o755);
      chownSync(at, owner, owner);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    made?.add(at);
  }
}

/** A file name and its bytes are all that comes with an input: what begins like a program may be run as one. */
function isProgram(content: Uint8Array): boolean {
  const start = Buffer.from(content.subarray(0, 4)).toString("latin1");
  return start.startsWith("#!") || start === "\x7fELF";
}
