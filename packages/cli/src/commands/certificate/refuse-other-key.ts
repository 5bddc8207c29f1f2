import { createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../core/usage-error.ts";

/**
 * A certificate beside the key of another pair opens nothing, and who copies both puts that key over their own. So a folder
 * with a `client.key` takes only the certificate of a request that was made with this key.
 */
export async function refuseOtherKey(folder: string, csr: string): Promise<void> {
  const path = join(folder, "client.key");
  const key = await readFile(path, "utf8").catch(() => null);
  if (key === null || isOfKey(csr, key)) return;
  throw new UsageError(
    `Cannot put the certificate into "${folder}": there is a client.key of another pair`,
    "Name another folder with --out, or take that key away",
  );
}

/** A request holds the public key as it is in the key's own encoding. */
function isOfKey(csr: string, key: string): boolean {
  const request = Buffer.from(csr.replaceAll(/-----[^-]*-----/g, ""), "base64");
  try {
    return request.includes(createPublicKey(key).export({ type: "spki", format: "der" }));
  } catch {
    return false;
  }
}
