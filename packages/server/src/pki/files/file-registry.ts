import { type FileHandle, open } from "node:fs/promises";
import { BerthError } from "@berth/protocol";
import type { Clock } from "../../lib/clock.ts";
import { KeyedQueue } from "../../lib/keyed-queue.ts";
import type {
  CertificateFilter,
  CertificatePage,
  CertificateRecord,
  CertificateRegistry,
  RefusedCertificates,
} from "../certificate-registry.ts";
import { storageFailed, writeDurably } from "./durable-file.ts";
import { RegistryState, type RegistryEntry } from "./registry-state.ts";

export interface FileRegistryOptions {
  /** `<dataDir>/pki/certificates.jsonl`. One process at a time may use it. */
  path: string;
  clock: Clock;
  /** Certificates that were not revoked are forgotten this long after they expired. Default 30 days. */
  keepExpiredMs?: number;
}

/**
 * Opens the register of certificates in a file of lines, one for each thing that happened, each on the disk before its
 * call resolves. What expired long ago is dropped here, unless it was revoked. Throws BerthError STORAGE_FAILED; never guesses over damage,
 * because a lost line may be a revocation.
 */
export async function openFileRegistry({
  path,
  clock,
  keepExpiredMs = 30 * 24 * 3600_000,
}: FileRegistryOptions): Promise<CertificateRegistry> {
  const state = new RegistryState();
  const size = await readInto(state, path);
  if (state.forgetExpired(clock.now() - keepExpiredMs) > 0) {
    const lines = state.entries().map((entry) => `${JSON.stringify(entry)}\n`);
    await writeDurably(path, lines.join(""));
  } else if (size !== null) await cutAt(path, size);
  else await writeDurably(path, "");
  return new FileRegistry({ path, file: await open(path, "r+"), state });
}

/** The size of all complete lines; null when there is no file. A line without an end is a write that a crash cut off. */
async function readInto(state: RegistryState, path: string): Promise<number | null> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw storageFailed(`Cannot read "${path}"`, error);
  }
  await using _closing = file;
  let size = 0;
  let rest = "";
  let line = 0;
  for await (const chunk of file.createReadStream({ encoding: "utf8", autoClose: false })) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) {
      line += 1;
      if (!state.applyLine(text)) {
        throw new BerthError(
          "STORAGE_FAILED",
          `Cannot read "${path}": line ${line} is damaged; restore it from a backup`,
        );
      }
      size += Buffer.byteLength(text) + 1;
    }
  }
  return size;
}

async function cutAt(path: string, size: number): Promise<void> {
  await using file = await open(path, "r+");
  if ((await file.stat()).size === size) return;
  await file.truncate(size);
  await file.sync();
}

class FileRegistry implements CertificateRegistry {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #state: RegistryState;
  readonly #writes = new KeyedQueue();
  #size: number | null = null;

  constructor(from: { path: string; file: FileHandle; state: RegistryState }) {
    this.#path = from.path;
    this.#file = from.file;
    this.#state = from.state;
  }

  insert(record: CertificateRecord): Promise<void> {
    return this.#write(() => {
      if (this.#state.find(record.serial)) {
        throw new Error(`A certificate with serial ${record.serial} was issued before`);
      }
      return { op: "issue", ...record };
    });
  }

  async find(serial: string): Promise<CertificateRecord | null> {
    return this.#state.find(serial);
  }

  async list(filter: CertificateFilter = {}): Promise<CertificatePage> {
    return this.#state.list(filter);
  }

  async revoke(serial: string, at: number): Promise<CertificateRecord | null> {
    await this.#write(() => {
      const record = this.#state.find(serial);
      return record && record.revokedAt === null ? { op: "revoke", serial, at } : null;
    });
    return this.#state.find(serial);
  }

  setLocked(principal: string, locked: boolean): Promise<void> {
    return this.#write(() =>
      this.#state.isLocked(principal) === locked ? null : { op: locked ? "lock" : "unlock", principal },
    );
  }

  async refused(): Promise<RefusedCertificates> {
    return this.#state.refused();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writes.idle();
    await this.#file.close();
  }

  /** One at a time: each decides on what those before it have left. */
  #write(decide: () => RegistryEntry | null): Promise<void> {
    return this.#writes.run("", async () => {
      const entry = decide();
      if (entry === null) return;
      await this.#append(`${JSON.stringify(entry)}\n`);
      this.#state.apply(entry);
    });
  }

  async #append(line: string): Promise<void> {
    const bytes = Buffer.from(line);
    try {
      this.#size ??= (await this.#file.stat()).size;
      // What a write before this one left, and could not take back, goes now.
      await this.#file.truncate(this.#size);
      await writeAll(this.#file, bytes, this.#size);
      await this.#file.datasync();
      this.#size += bytes.length;
    } catch (error) {
      // A line that was refused must not count after a restart.
      if (this.#size !== null) await this.#file.truncate(this.#size).catch(() => undefined);
      throw storageFailed(`Cannot write "${this.#path}"`, error);
    }
  }
}

/** The system may take less than it is given and say so only by the count: on a disk that is nearly full, for one. */
async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
