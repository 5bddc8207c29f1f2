/**
 * A process with a file system of its own, that fills the disk below a register of certificates when its file ends some
 * bytes before a page, and prints as JSON what came of it. Arguments: an empty folder. To be run in a private mount
 * namespace.
 */
import { execFileSync } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isBerthError } from "@berth/protocol";
import { createManualClock } from "../../src/lib/manual-clock.ts";
import { openFileRegistry } from "../../src/pki/files/file-registry.ts";

const [folder = ""] = process.argv.slice(2);
execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
const path = join(folder, "certificates.jsonl");
const fill = join(folder, "fill");
const clock = createManualClock();
const serial = "4a";
const life = { notBefore: 0, notAfter: clock.now() + 1e9, issuedAt: 0 };
const issued = { cn: "alice", kind: "client", issuer: "aa", ...life, revokedAt: null } as const;

const registry = await openFileRegistry({ path, clock });
await registry.insert({ ...issued, serial });
// A lock's line is 29 bytes and the name: the page has 20 left for the revocation, which needs more.
await registry.setLocked("x".repeat(4096 - 20 - 29 - statSync(path).size), true);
const before = statSync(path).size;
try {
  for (;;) writeFileSync(fill, Buffer.alloc(4096), { flag: "a" });
} catch {
  // Full.
}
const refused = await registry.revoke(serial, 1).then(
  () => null,
  (error: unknown) => (isBerthError(error) ? error.code : String(error)),
);
const revokedAt = (await registry.find(serial))?.revokedAt;
const sizes = [before, statSync(path).size];
await rm(fill);
await registry.insert({ ...issued, serial: "4b" });
await registry.revoke(serial, 2);
await registry[Symbol.asyncDispose]();

await using again = await openFileRegistry({ path, clock });
const items = (await again.list()).items.map((one) => [one.serial, one.revokedAt]);
console.log(JSON.stringify({ refused, revokedAt, sizes, items }));
