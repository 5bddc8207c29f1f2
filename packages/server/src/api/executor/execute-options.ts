import { jobSpec, type JobSpec, type JobSpecInput } from "@berth/protocol";
import { check, requestInvalid } from "../../core/input/check.ts";

/** What a file or stdin holds: text (as UTF-8), bytes, or base64 with padding. */
export type FileContent = string | Uint8Array | { base64: string };

/** Everything of a command but its program and arguments: the contract's job spec, with bytes where it wants base64. */
export type ExecuteOptions = Omit<
  JobSpecInput,
  "command" | "args" | "engine" | "archive" | "files" | "stdin"
> & {
  /** Input files by name, written to `/work` before the start; 10 MiB together. */
  files?: Readonly<Record<string, FileContent>> | undefined;
  stdin?: FileContent | undefined;
};

/** Throws REQUEST_INVALID with every wrong field at once. */
export function specOf(command: string, args: readonly string[], options: ExecuteOptions): JobSpec {
  const { files, stdin, ...rest } = options;
  const checked = check(jobSpec, {
    ...rest,
    command,
    args,
    ...(stdin !== undefined && { stdin: contentOf(stdin) }),
    ...(files !== undefined && { files: contentsOf(files) }),
  });
  if ("value" in checked) return checked.value;
  throw requestInvalid(checked.problems);
}

function contentsOf(files: Readonly<Record<string, FileContent>>): unknown {
  // What is no object is the schema's to refuse.
  if (typeof files !== "object" || files === null) return files;
  // Not an object literal: a file may be named `__proto__`.
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [name, contentOf(content)]));
}

function contentOf(content: FileContent): string | { base64: string } {
  if (!(content instanceof Uint8Array)) return content;
  return { base64: Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("base64") };
}
