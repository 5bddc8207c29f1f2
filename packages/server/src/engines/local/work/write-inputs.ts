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
import { dirname, join } from "node:path";
import { EngineError } from "../../engine.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** Writes a job's input files below its folder, owned by its user. Programs by their first bytes may be executed. */
export function writeInputs(
  work: string,
  { files, owner }: { files: readonly { name: string; content: Uint8Array }[]; owner: number },
): void {
  chownSync(work, owner, owner);
  for (const file of files) {
    try {
      writeInput(work, { ...file, owner });
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
  { name, content, owner }: { name: string; content: Uint8Array; owner: number },
): void {
  const parts = name.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new EngineError(`Cannot write input file "${name}": not a path below the job's folder`, {
      blame: "job",
      retryable: false,
    });
  }
  if (parts.length > 1) makeFolders(work, { parts: dirname(name).split("/"), owner });
  const fd = openSync(join(work, name), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  try {
    writeFileSync(fd, content);
    fchmodSync(fd, isProgram(content) ? 0o755 : 0o644);
    fchownSync(fd, owner, owner);
  } finally {
    closeSync(fd);
  }
}

/** Makes folder below folder, owned by the job; those that are there stay. */
export function makeFolders(
  work: string,
  { parts, owner }: { parts: readonly string[]; owner: number },
): void {
  let at = work;
  for (const part of parts) {
    at = join(at, part);
    try {
      mkdirSync(at, 0o755);
      chownSync(at, owner, owner);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** A file name and its bytes are all that comes with an input: what begins like a program may be run as one. */
function isProgram(content: Uint8Array): boolean {
  const start = Buffer.from(content.subarray(0, 4)).toString("latin1");
  return start.startsWith("#!") || start === "\x7fELF";
}
