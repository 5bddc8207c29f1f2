import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BerthError } from "@berth/protocol";
import { type ChainHead, type Seal, sealOf } from "../core/audit/chain.ts";
import type { AuditEntry } from "../core/audit/record.ts";
import { systemReason } from "../core/system-reason.ts";
import { replaceFile } from "../lib/replace-file.ts";
import type { AuditTrail } from "../store/audit-trail.ts";
import { HeadFile, type KnownHead } from "./head-file.ts";

/** The keys of all trails of a database, which are kept there so that each server can verify what another has sealed. */
export interface SharedKeys {
  /** By their ids. */
  all(): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Keeps this one where it is not kept yet, with this record. */
  keep(own: Seal, entry: AuditEntry): Promise<void>;
}

/** The audit trail of a data folder: what it seals with, and how far it has come. Disposing it writes that down. */
export class Trail implements AuditTrail, Disposable {
  readonly seal: Seal;
  readonly #head: HeadFile;
  readonly #listeners = new Set<() => void>();
  #others: ReadonlyMap<string, Uint8Array> = new Map();

  constructor(seal: Seal, head: HeadFile) {
    this.seal = seal;
    this.#head = head;
  }

  /** What the file said when the trail was opened; null where there was none. */
  get foundHead(): KnownHead | null {
    return this.#head.found;
  }

  /** The end of the chain as this process knows it; null where it has sealed nothing yet. */
  get head(): ChainHead | null {
    return this.#head.latest;
  }

  sealed(head: ChainHead): void {
    this.#head.note(head);
    for (const listener of this.#listeners) listener();
  }

  /** Calls back after something was sealed that is on disk now. Returns the way to stop. */
  onSealed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What the file said was looked at: from now on it says how far the chain is. */
  takenUp(): void {
    this.#head.begin();
  }

  /** The keys of other trails, as they are known now. */
  learn(others: ReadonlyMap<string, Uint8Array>): void {
    this.#others = others;
  }

  /** The key of this name; null where it is not here. */
  keyOf(keyId: string): Uint8Array | null {
    return keyId === this.seal.keyId ? this.seal.key : (this.#others.get(keyId) ?? null);
  }

  [Symbol.dispose](): void {
    this.#head[Symbol.dispose]();
  }
}

/**
 * Opens the trail of a data folder. Its first use makes `<data>/audit-key` (0600), which names the chain and holds the key
 * that seals it. Throws STORAGE_FAILED.
 */
export function openTrail(dataDir: string, report: (what: string, error: unknown) => void): Trail {
  const path = join(dataDir, "audit-key");
  try {
    const seal = read(path) ?? make(path);
    return new Trail(seal, new HeadFile(join(dataDir, "audit-head"), { chain: seal.chain, report }));
  } catch (error) {
    if (error instanceof BerthError) throw error;
    const { why } = systemReason(error);
    throw new BerthError("STORAGE_FAILED", `Cannot open the audit key "${path}": ${why}`, { cause: error });
  }
}

const KEY_BYTES = 32;

function make(path: string): Seal {
  const [chain, key] = [randomUUID(), randomBytes(KEY_BYTES)];
  // Before anything is sealed with it: no record may be of a key that was lost with the host's power.
  replaceFile(path, `${chain} ${key.toString("base64")}\n`, { flush: true });
  return sealOf(chain, key);
}

function read(path: string): Seal | null {
  const text = readIfThere(path);
  if (text === null) return null;
  const [chain = "", key = ""] = text.trim().split(" ");
  const bytes = Buffer.from(key, "base64");
  if (/^[\w-]{1,64}$/.test(chain) && bytes.length === KEY_BYTES) return sealOf(chain, bytes);
  throw new BerthError("STORAGE_FAILED", `Cannot read the audit key "${path}": it is not one of Berth's`, {
    fix: "Bring the file back from a backup; without it a new chain begins, and the records of before cannot be verified",
  });
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
