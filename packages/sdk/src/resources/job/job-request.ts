import type { JobSpecInput } from "@berth/protocol";
import { toBase64 } from "../../transport/base64.ts";
import type { Archive, Folder } from "../upload/upload-source.ts";

/** What a file or stdin holds: text (sent as UTF-8), bytes, or base64 with padding. */
export type FileContent = string | Uint8Array | { base64: string };

/**
 * What is submitted: the contract's job spec, with bytes where it wants base64.
 *
 * @example
 * ```ts
 * const request: JobRequest = {
 *   command: "python3",
 *   args: ["report.py", "data.csv"],
 *   files: { "report.py": "print('hello')", "data.csv": new Uint8Array([49, 44, 50]) },
 *   resources: { memory: "512Mi", cpu: 1.5 },
 *   timeouts: { run: "5m" },
 * };
 * ```
 */
export type JobRequest = Omit<JobSpecInput, "files" | "stdin" | "archive"> & {
  /**
   * Input files by name, written to `/work` before the start, 10 MiB together; or a whole folder of this machine, as
   * `fromFolder` of `@berth/sdk/folder` makes it.
   */
  files?: Readonly<Record<string, FileContent>> | Folder | undefined;
  /** An upload that is unpacked into `/work`; or a folder, where `files` brings some beside it, which win. */
  archive?: Archive | Folder | undefined;
  stdin?: FileContent | undefined;
};

/** What is submitted when its folder, where it had one, is on the server. */
export type SentRequest = Omit<JobRequest, "files" | "archive"> & {
  files?: Readonly<Record<string, FileContent>> | undefined;
  archive?: Archive | undefined;
};

/** The request as it goes over the wire. */
export function encodeJobRequest(request: SentRequest): JobSpecInput {
  const { files, stdin, ...spec } = request;
  return {
    ...spec,
    ...(stdin !== undefined && { stdin: encodeContent(stdin) }),
    ...(files !== undefined && {
      // Not an object literal: a file may be named `__proto__`.
      files: Object.fromEntries(
        Object.entries(files).map(([name, content]) => [name, encodeContent(content)]),
      ),
    }),
  };
}

function encodeContent(content: FileContent): string | { base64: string } {
  return content instanceof Uint8Array ? { base64: toBase64(content) } : content;
}
