import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { issueClient, issueServer } from "../../src/pki/issue.ts";
import { openPkiBench } from "./pki-bench.ts";

/** Writes what a server takes from `<folder>`, and for each client a folder of that name as a client takes it. */
export async function writeCertificates(
  folder: string,
  { clients, ttlMs }: { clients: readonly string[]; ttlMs?: number },
): Promise<void> {
  await using pki = await openPkiBench();
  const key = "ec-p256";
  const write = (path: string, text: string): void => writeFileSync(path, text, { mode: 0o600 });
  mkdirSync(folder, { recursive: true });
  const server = await issueServer(pki, { key });
  write(join(folder, "ca.crt"), pki.ca.roots);
  write(join(folder, "server.crt"), server.chainPem);
  write(join(folder, "server.key"), server.key.reveal());
  for (const name of clients) {
    const pair = await issueClient(pki, { principal: name, key, ...(ttlMs !== undefined && { ttlMs }) });
    const own = join(folder, name);
    mkdirSync(own);
    write(join(own, "ca.crt"), pki.ca.roots);
    write(join(own, "client.crt"), pair.chainPem);
    write(join(own, "client.key"), pair.key.reveal());
  }
}
