import { access, type FileHandle, open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BerthError } from "@berth/protocol";
import type { CertificateStore } from "../../store/certificate-store.ts";
import { canonicalSerial } from "../authority.ts";
import { readAuthorities } from "./authority-file.ts";
import { storageFailed } from "./durable-file.ts";
import { RegistryState } from "./registry-state.ts";

export interface RegistryFileOptions {
  /** `<dataDir>/pki`. */
  folder: string;
  certificates: CertificateStore;
  /** Epoch ms. */
  now: number;
}

/**
 * Takes the register of certificates that versions before kept in `certificates.jsonl` into the store, once, and keeps
 * the file beside as a copy. A crash in between repeats it, which changes nothing. Throws BerthError STORAGE_FAILED;
 * never guesses over damage, because a lost line may be a revocation.
 */
export async function moveRegistryFile({ folder, certificates, now }: RegistryFileOptions): Promise<void> {
  const path = join(folder, "certificates.jsonl");
  const state = await readRegistry(path);
  if (state === null) return;
  const authorities = await readAuthorities(folder);
  const all = authorities
    ? [authorities.current, ...authorities.previous.map(({ authority }) => authority)]
    : [];
  await certificates.adopt({
    records: state.records,
    locked: state.locked,
    authorities: all.map(({ certificate }) => canonicalSerial(certificate.serialNumber)),
    at: now,
  });
  await keepAside(path, now);
}

/** A line without an end is a write that a crash cut off: nobody was told that it is stored. */
async function readRegistry(path: string): Promise<RegistryState | null> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw storageFailed(`Cannot read "${path}"`, error);
  }
  await using _closing = file;
  const state = new RegistryState();
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
    }
  }
  return state;
}

/** Durably: read once more after a later unlock, it would lock again. An older copy, of an older version's second life, stays. */
async function keepAside(path: string, now: number): Promise<void> {
  const copy = `${path}.migrated`;
  const isTaken = await access(copy).then(
    () => true,
    () => false,
  );
  try {
    await rename(path, isTaken ? `${copy}-${now}` : copy);
    await using folder = await open(dirname(path));
    await folder.sync();
  } catch (error) {
    throw storageFailed(`Cannot rename "${path}"`, error);
  }
}
