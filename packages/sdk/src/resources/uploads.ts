import type { Upload, UploadList } from "@berth/protocol";
import { BerthError, isBerthError } from "@berth/protocol/errors";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../transport/http.ts";
import { asUpload, asUploadList } from "./answers.ts";
import type { SignalOptions } from "./job/job-handle.ts";
import { forgetPart, sendContent, type SendOptions } from "./upload/send-content.ts";
import { sendStream } from "./upload/send-stream.ts";
import type { Archive, Folder, PackedFolder, UploadSource } from "./upload/upload-source.ts";

/** What becomes of a folder that is sent: it is packed, then sent unless the server has it, then there. */
export type FolderProgress =
  | { step: "packing" | "sending"; bytes: number; size: number }
  | { step: "there"; folder: PackedFolder; wasThere: boolean };

/** How a folder is sent. */
export interface SendFolderOptions extends SignalOptions {
  onProgress?: ((progress: FolderProgress) => void) | undefined;
}

/** Contents for jobs, named by their hash. What the server has is not sent again; what no job asks for it forgets in time. */
export class Uploads {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /**
   * Sends a content. One that can be read again, as `fromFile` makes it, goes on where it was after a cut, also in another
   * process, and is not sent where the server has it. A stream is sent once. Throws UPLOAD_TOO_LARGE, STORAGE_FAILED.
   *
   * @example
   * ```ts
   * const { sha256 } = await berth.uploads.create(await fromFile("source.tar.gz"));
   * ```
   */
  async create(
    content: UploadSource | AsyncIterable<Uint8Array>,
    options: SendOptions = {},
  ): Promise<Upload> {
    if ("sha256" in content) return await sendContent(this.#rest, content, options);
    const { signal, onProgress } = options;
    const answer = await sendStream(
      this.#rest,
      { route: routes.createUpload },
      { content, signal, onProgress: (bytes) => onProgress?.(bytes, null) },
    );
    return asUpload(answer, this.#rest.url);
  }

  /**
   * Packs a folder and sends it, unless the server has it: resolves with what a job says of it. `files: fromFolder(…)` of a
   * job does the same. Throws FOLDER_INVALID, FOLDER_CHANGED, UPLOAD_TOO_LARGE, STORAGE_FAILED.
   */
  async archive(folder: Folder, { signal, onProgress }: SendFolderOptions = {}): Promise<Archive> {
    // Whoever may not send it, or to nobody, is told so before a large folder is read.
    await this.list({ limit: 1, signal });
    const packed = await folder.pack({
      signal,
      onProgress: (bytes, size) => onProgress?.({ step: "packing", bytes, size }),
    });
    let wasThere = true;
    try {
      await sendContent(this.#rest, packed, {
        signal,
        onProgress: (bytes, size) => {
          if (size === null || (wasThere && bytes === size)) return;
          wasThere = false;
          onProgress?.({ step: "sending", bytes, size });
        },
      });
    } catch (error) {
      throw await whyNotSent(this.#rest, packed, error);
    }
    onProgress?.({ step: "there", folder: packed, wasThere });
    return { upload: packed.sha256, format: packed.format };
  }

  /** What is known of an upload. Throws UPLOAD_NOT_FOUND. */
  async get(sha256: string, { signal }: SignalOptions = {}): Promise<Upload> {
    return asUpload(await this.#rest.json({ route: routes.getUpload, sha256, signal }), this.#rest.url);
  }

  /** A page of uploads; `cursor` is the `next` of the page before. */
  async list(
    options: SignalOptions & { limit?: number | undefined; cursor?: string | undefined } = {},
  ): Promise<UploadList> {
    const { signal, ...query } = options;
    return asUploadList(await this.#rest.json({ route: routes.listUploads, query, signal }), this.#rest.url);
  }

  /** Forgets an upload. Throws UPLOAD_NOT_FOUND, and UPLOAD_IN_USE while a job that has not ended uses it. */
  async delete(sha256: string, { signal }: SignalOptions = {}): Promise<void> {
    await this.#rest.json({ route: routes.deleteUpload, sha256, signal });
  }
}

/** A folder that changed has no use for what was sent of it: nobody can make the rest any more. */
async function whyNotSent(rest: Rest, { sha256 }: PackedFolder, error: unknown): Promise<unknown> {
  if (!isBerthError(error)) return error;
  if (error.code === "FOLDER_CHANGED") await forgetPart(rest, sha256);
  if (error.code !== "UPLOAD_MISMATCH") return error;
  return new BerthError("FOLDER_CHANGED", "Cannot send the folder: it was changed while it was sent", {
    cause: error,
  });
}
