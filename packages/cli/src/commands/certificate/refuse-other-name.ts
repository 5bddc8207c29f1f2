import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
// A certificate told in the old way loads a part of TLS: where that is the first part, Node's HTTPS is broken from then on.
import "node:tls";
import { UsageError } from "../../core/usage-error.ts";

/**
 * A key that is written over is gone, and with it the use of its certificate. So a new pair goes only where there is none,
 * or that of the same name.
 */
export async function refuseOtherName(
  folder: string,
  { name, fix }: { name: string; fix: string },
): Promise<void> {
  const owner = await nameIn(folder);
  if (owner === null || owner === name) return;
  const whose = owner === undefined ? "that no certificate beside it names" : `of "${owner}"`;
  throw new UsageError(
    `Cannot put the key of "${name}" into "${folder}": there is a client.key ${whose}, which would be lost`,
    fix,
  );
}

/** Whose key it holds; undefined where nothing says so, null where there is none. */
async function nameIn(folder: string): Promise<string | null | undefined> {
  if (!existsSync(join(folder, "client.key"))) return null;
  try {
    const certificate = new X509Certificate(await readFile(join(folder, "client.crt")));
    const { CN: name } = certificate.toLegacyObject().subject;
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}
