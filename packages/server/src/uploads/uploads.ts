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
  /** What an owner may store beside the bounds of all; null where nothing says so. Default: nothing does. */
  quotaOf?: (owner: string) => Promise<UploadQuota | null>;
}

/** What an owner has left of what it may store. */
export interface UploadQuota {
  left: number;
  /** `what` is what cannot be done. */
  refusal: (what: string) => BerthError;
}

export type Removal = "deleted" | "in-use" | "missing";

export interface RemovalOptions {
  /** Only where nobody has used it since. */
  unusedSince?: number;
  /** Only where it has not come whole. */
  unfinished?: boolean;
  /** By which it is removed. Default: the one that records nothing of it. */
  store?: Pick<UploadStore, "delete">;
}

/** Counted for each upload, however small: its row and its file cost the server something too. */
const LEAST_COUNTED = 2 ** 20;
/** What one principal may send at once: each is held in memory in blocks. */
const MOST_AT_ONCE = 16;

/** Rows and files of uploads together: what of them must not happen at once happens here, in turn. */
export class Uploads {
  readonly files: UploadFiles;
  readonly store: UploadStore;
  readonly #limits: UploadLimits;
  readonly #now: () => number;
  readonly #quotaOf: (owner: string) => Promise<UploadQuota | null>;
  /** Names by owner. */
  readonly #taken = new Map<string, Set<string>>();
  readonly #contents = new KeyedQueue();
  readonly #shares = new KeyedQueue();

  constructor({ store, files, limits, now, quotaOf = () => Promise.resolve(null) }: UploadsOptions) {
    this.store = store;
    this.files = files;
    this.#limits = limits;
    this.#now = now;
    this.#quotaOf = quotaOf;
  }

  /** For a request that sends an upload. Throws UPLOAD_BUSY, TOO_MANY_OPEN. */
  takeToReceive(key: UploadKey): Disposable {
    if ((this.#taken.get(key.owner)?.size ?? 0) < MOST_AT_ONCE) return this.take(key);
    throw new BerthError(
      "TOO_MANY_OPEN",
      `Cannot take upload "${key.name}": "${key.owner}" sends ${MOST_AT_ONCE} at once, the most of one principal`,
    );
  }

  /** One request at a time may write an upload, or remove it. Throws UPLOAD_BUSY. */
  take({ owner, name }: UploadKey): Disposable {
    const names = this.#taken.get(owner) ?? new Set();
    if (names.has(name))
      throw new BerthError("UPLOAD_BUSY", `Cannot change upload "${name}": another request sends it now`);
    this.#taken.set(owner, names.add(name));
    return {
      [Symbol.dispose]: () => {
        names.delete(name);
        if (names.size === 0) this.#taken.delete(owner);
      },
    };
  }

  /** Notes an upload before anything of it is on disk. Throws UPLOAD_TOO_LARGE, STORAGE_FAILED. */
  async begin(upload: StoredUpload): Promise<void> {
    await this.#shares.run("", async () => {
      await this.#grant(upload, { before: null, atLeast: upload.bytes, atMost: upload.bytes });
      await this.store.insert(upload);
    });
  }

  /** Begins an upload anew whose content is not on disk any more. Throws UPLOAD_TOO_LARGE, STORAGE_FAILED. */
  async restart(lost: StoredUpload, upload: StoredUpload): Promise<void> {
    await this.#shares.run("", async () => {
      const wanted = { before: lost.bytes, atLeast: upload.bytes, atMost: upload.bytes };
      await this.#grant(upload, wanted);
      await this.store.restart(upload);
    });
  }

  /**
   * Sets bytes aside for an upload, in all: as many as are wanted, or what is left of its owner's share. Throws
   * UPLOAD_TOO_LARGE, UPLOAD_NOT_FOUND, STORAGE_FAILED.
   */
  async setAside(
    upload: StoredUpload,
    { atLeast, atMost, length }: { atLeast: number; atMost: number; length: number | null },
  ): Promise<StoredUpload> {
    return await this.#shares.run("", async () => {
      const bytes = await this.#grant(upload, { before: upload.bytes, atLeast, atMost });
      const usedAt = this.#now();
      if (await this.store.reserve(upload, { bytes, length, at: usedAt }))
        return { ...upload, bytes, length, usedAt };
      throw new BerthError("UPLOAD_NOT_FOUND", `Cannot go on with upload "${upload.name}": it was removed`);
    });
  }

  /** It is kept for longer, from now on, which is returned. */
  async touch(key: UploadKey): Promise<number> {
    const at = this.#now();
    await this.store.touch(key, at);
    return at;
  }

  /** Makes a part the content of its hash. Throws UPLOAD_BUSY where another request sends that one by its hash. */
  async publish(
    part: UploadPart,
    key: UploadKey,
    { sha256, store = this.store }: { sha256: string; store?: Pick<UploadStore, "complete"> },
  ): Promise<void> {
    using _ = key.name === sha256 ? null : this.take({ owner: key.owner, name: sha256 });
    await this.#contents.run(sha256, async () => {
      await part.publish(sha256);
      await store.complete(key, { sha256, bytes: part.size, at: this.#now() });
    });
  }

  /** Forgets an upload with its bytes, where no job uses it any more and nobody has used it since. Throws UPLOAD_BUSY. */
  async remove(key: UploadKey, options: RemovalOptions = {}): Promise<Removal> {
    using _ = this.take(key);
    return await this.removeTaken(key, options);
  }

  /** The same for whoever has taken it. */
  async removeTaken(
    key: UploadKey,
    { unusedSince, unfinished, store = this.store }: RemovalOptions = {},
  ): Promise<Removal> {
    // As it is by now: whoever looked for it may have seen it before it was whole.
    const upload = await this.store.get(key.owner, key.name);
    if (upload === null || (unfinished === true && upload.state === "complete")) return "missing";
    const outcome = await store.delete(upload, { unusedSince });
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

  /** How many bytes it may have: between what it needs and what is wanted for it. */
  async #grant(
    { owner, name }: UploadKey,
    { before, atLeast, atMost }: { before: number | null; atLeast: number; atMost: number },
  ): Promise<number> {
    const what = `Cannot take upload "${name}"`;
    if (atLeast > largestUpload) throw tooLarge(`${what}: it is larger than ${formatSize(largestUpload)}`);
    const counted = before === null ? 0 : countedFor(before);
    const more = countedFor(atLeast) - counted;
    if (more <= 0 && atMost <= Math.max(before ?? 0, atLeast)) return atLeast;
    const { own, all } = await this.store.usage(owner, LEAST_COUNTED);
    const { perPrincipal, total } = this.#limits;
    const left = Math.max(perPrincipal - own, 0);
    if (more > left) {
      const [needs, has] = sizesApart(more, left);
      const share = formatSize(perPrincipal);
      throw tooLarge(
        `${what}: it needs ${needs} more, and ${has} are left of the ${share} that uploads of "${owner}" may take`,
      );
    }
    // What others have is not theirs to know: only that there is no room.
    if (more > total - all)
      throw tooLarge(
        `${what}: it needs ${formatSize(more)} more, and all that the server keeps for uploads is taken`,
      );
    const quota = await this.#quotaOf(owner);
    const stored = before ?? 0;
    if (quota !== null && atLeast - stored > quota.left) throw quota.refusal(what);
    if (!(await this.files.hasRoom(atLeast - stored))) throw noRoom(what);
    const most = Math.min(counted + Math.min(left, total - all), stored + (quota?.left ?? largestUpload));
    return Math.max(atLeast, Math.min(atMost, largestUpload, most));
  }
}

export function noRoom(what: string): BerthError {
  return new BerthError("STORAGE_FAILED", `${what}: the server's data disk has no room for it`, {
    fix: "Make room on the server's data disk, then try again",
  });
}

function countedFor(bytes: number): number {
  return Math.max(bytes, LEAST_COUNTED);
}

/** In bytes where they would read as the same. */
function sizesApart(first: number, second: number): readonly [string, string] {
  const [one, other] = [formatSize(first), formatSize(second)];
  return one === other ? [`${first} bytes`, `${second} bytes`] : [one, other];
}

function tooLarge(message: string): BerthError {
  return new BerthError("UPLOAD_TOO_LARGE", message);
}
