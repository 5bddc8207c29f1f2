import "reflect-metadata";
import { chmod, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "@berth/protocol";
import { X509Certificate } from "@peculiar/x509";
import { z } from "zod";
import { type Authority, pemOf } from "../authority.ts";
import { importPrivateKey, PrivateKeyPem } from "../keys.ts";
import { storageFailed, writeDurably } from "./durable-file.ts";

/** The authority that signs, and those before it that are still trusted, until epoch ms `trustedUntil`. */
export interface Authorities {
  current: Authority;
  previous: readonly { authority: Authority; trustedUntil: number }[];
}

const stored = z.object({
  certificate: z.string(),
  chain: z.array(z.string()),
  cross: z.string().nullable(),
  /** Those after `cross`, which earlier versions did not know. */
  moreCrosses: z.array(z.string()).default([]),
  key: z.string(),
});
const authorityFile = z.object({
  version: z.literal(1),
  current: stored,
  previous: z.array(stored.extend({ trustedUntil: z.number() })),
});
type Stored = z.infer<typeof stored>;

/** Makes the folder of keys, which only its owner may open. */
export async function openPkiFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  } catch (error) {
    throw storageFailed(`Cannot use folder "${folder}"`, error);
  }
}

/**
 * Reads `<folder>/authority.json`; null when there is none. It holds certificates and keys together, so that a crash
 * can never leave a key without its certificate.
 */
export async function readAuthorities(folder: string): Promise<Authorities | null> {
  const path = pathIn(folder);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw storageFailed(`Cannot read "${path}"`, error);
  });
  if (text === null) return null;
  try {
    const { current, previous } = authorityFile.parse(JSON.parse(text));
    return {
      current: await restore(current),
      previous: await Promise.all(
        previous.map(async ({ trustedUntil, ...one }) => ({ authority: await restore(one), trustedUntil })),
      ),
    };
  } catch {
    // The cause would quote what it could not read, and keys are in there.
    throw new BerthError("STORAGE_FAILED", `Cannot read "${path}": it is damaged; restore it from a backup`);
  }
}

export async function writeAuthorities(folder: string, { current, previous }: Authorities): Promise<void> {
  const file: z.infer<typeof authorityFile> = {
    version: 1,
    current: store(current),
    previous: previous.map(({ authority, trustedUntil }) => ({ ...store(authority), trustedUntil })),
  };
  await writeDurably(pathIn(folder), `${JSON.stringify(file, null, 2)}\n`);
}

function pathIn(folder: string): string {
  return join(folder, "authority.json");
}

function store({ certificate, chain, crosses, keyPem }: Authority): Stored {
  const [cross = null, ...moreCrosses] = crosses.map((one) => pemOf([one]));
  return {
    certificate: pemOf([certificate]),
    chain: chain.map((one) => pemOf([one])),
    cross,
    moreCrosses,
    key: keyPem.reveal(),
  };
}

async function restore({ certificate, chain, cross, moreCrosses, key }: Stored): Promise<Authority> {
  const keyPem = new PrivateKeyPem(key);
  return {
    certificate: new X509Certificate(certificate),
    chain: chain.map((pem) => new X509Certificate(pem)),
    crosses: (cross === null ? [] : [cross, ...moreCrosses]).map((pem) => new X509Certificate(pem)),
    keyPem,
    key: await importPrivateKey(keyPem),
  };
}
