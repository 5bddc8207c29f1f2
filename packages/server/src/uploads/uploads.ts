import { BerthError, formatSize, largestUpload } from "@berth/protocol";
import { KeyedQueue } from "../lib/keyed-queue.ts";
import type { StoredUpload, UploadKey, UploadStore } from "../store/store.ts";
import type { UploadFiles, UploadPart } from "./upload-files.ts";

export interface UploadLimits {
  /** Bytes of all uploads of one principal, and of everybody's. */
  perPrincipal: number;
  total: number;
}

export interface UploadsOptions {
  store: UploadStore;
  files: UploadFiles;
  limits: UploadLimits;
  now: () => number;
}

/** Rows and files of uploads together: what of them must not happen at once happens here, in turn. */
export class Uploads {
  readonly files: UploadFiles;
  readonly store: UploadStore;
  readonly #limits: UploadLimits;
  readonly #now: () => number;
  readonly #taken = new Set<string>();
  readonly #contents = new KeyedQueue();
  readonly #shares = new KeyedQueue();

  constructor({ store, files, limits, now }: UploadsOptions) {
    this.store = store;
    this.files = files;
    this.#limits = limits;
    this.#now = now;
  }

  /** One request at a time may write an upload, or remove it. Throws UPLOAD_BUSY. */
  take({ owner, name }: UploadKey): Disposable {
    const key = `${name} ${owner}`;
    if (this.#taken.has(key))
      throw new BerthError("UPLOAD_BUSY", `Cannot change upload "${name}": another request sends it now`);
    this.#taken.add(key);
    return { [Symbol.dispose]: () => void this.#taken.delete(key) };
  }

  /** Notes an upload before anything of it is on disk. Throws UPLOAD_TOO_LARGE, STORAGE_FAILED. */
  async begin(upload: StoredUpload): Promise<void> {
    await this.#shares.run("", async () => {
      await this.#demandRoom(upload, upload.bytes, 0);
      await this.store.insert(upload);
    });
  }

  /** Sets so many bytes aside for an upload, in all. Throws UPLOAD_TOO_LARGE, STORAGE_FAILED. */
  async setAside(
    upload: StoredUpload,
    { bytes, length }: Pick<StoredUpload, "bytes" | "length">,
  ): Promise<StoredUpload> {
    return await this.#shares.run("", async () => {
      await this.#demandRoom(upload, bytes, upload.bytes);
      const usedAt = this.#now();
      await this.store.reserve(upload, { bytes, length, at: usedAt });
      return { ...upload, bytes, length, usedAt };
    });
  }

  /** Makes a part the content of its hash. */
  async publish(part: UploadPart, key: UploadKey, sha256: string): Promise<void> {
    await this.#contents.run(sha256, async () => {
      await part.publish(sha256);
      await this.store.complete(key, { sha256, bytes: part.size, at: this.#now() });
    });
  }

  /** Forgets an upload with its bytes, where no job waits for it. Throws UPLOAD_BUSY. */
  async remove(upload: StoredUpload): Promise<"deleted" | "in-use" | "missing"> {
    using _ = this.take(upload);
    return await this.removeTaken(upload);
  }

  /** The same for whoever has taken it. */
  async removeTaken(upload: StoredUpload): Promise<"deleted" | "in-use" | "missing"> {
    const outcome = await this.store.delete(upload);
    if (outcome !== "deleted") return outcome;
    if (upload.part === null) await this.removeUnheld(upload.name);
    else await this.files.removePart(upload.part);
    return outcome;
  }

  /** Removes a content that nobody has any more. */
  async removeUnheld(sha256: string): Promise<void> {
    await this.#contents.run(sha256, async () => {
      if (!(await this.store.holds(sha256))) await this.files.removeContent(sha256);
    });
  }

  async #demandRoom({ owner, name }: UploadKey, bytes: number, before: number): Promise<void> {
    const what = `Cannot take upload "${name}"`;
    if (bytes > largestUpload) throw tooLarge(`${what}: it is larger than ${formatSize(largestUpload)}`);
    const more = bytes - before;
    if (more <= 0) return;
    const { own, all } = await this.store.usage(owner);
    const { perPrincipal, total } = this.#limits;
    const has = `needs ${formatSize(more)} more`;
    if (own + more > perPrincipal)
      throw tooLarge(
        `${what}: it ${has}, and uploads of "${owner}" take ${formatSize(own)} of ${formatSize(perPrincipal)}`,
      );
    if (all + more > total)
      throw tooLarge(`${what}: it ${has}, and all uploads take ${formatSize(all)} of ${formatSize(total)}`);
    if (!(await this.files.hasRoom(more)))
      throw new BerthError("STORAGE_FAILED", `${what}: it ${has}, and the server's data disk has no room`, {
        fix: "Make room on the server's data disk, then try again",
      });
  }
}

function tooLarge(message: string): BerthError {
  return new BerthError("UPLOAD_TOO_LARGE", message);
}
