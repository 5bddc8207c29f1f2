import type * as Crypto from "node:crypto";
import type { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { systemReason } from "../text/system-error.ts";
import type { Environment } from "../surroundings.ts";
import { UsageError } from "../usage-error.ts";

/** What a client shows to a server over gRPC. All PEM. */
export interface Credentials {
  folder: string;
  ca: Buffer;
  certificate: Buffer;
  key: Buffer;
}

/** Where certificates lie, and a note for the user where that was told in an old way. */
export interface CredentialsFolder {
  path: string;
  note: string | null;
}

/**
 * BERTH_CLIENT_CRED_LOCATION, else CUTHOR_CLIENT_CRED_LOCATION, else `~/.berth/creds`, or `~/.cu-thor/creds` where there
 * is a certificate in that one alone.
 */
export function credentialsFolder(env: Environment): CredentialsFolder {
  const own = env["BERTH_CLIENT_CRED_LOCATION"];
  if (own) return { path: own, note: null };
  const older = env["CUTHOR_CLIENT_CRED_LOCATION"];
  if (older) {
    const note = `certificates come from CUTHOR_CLIENT_CRED_LOCATION; it is now called BERTH_CLIENT_CRED_LOCATION`;
    return { path: older, note };
  }
  const home = env["HOME"] ?? homedir();
  const path = join(home, ".berth", "creds");
  const before = join(home, ".cu-thor", "creds");
  if (holdsCertificate(path) || !holdsCertificate(before)) return { path, note: null };
  return { path: before, note: `certificates come from ${before}; their place is now ${path}` };
}

/** Whether somebody has said where certificates lie, or has put a client's where they are looked for. */
export function hasCredentials(env: Environment): boolean {
  if (env["BERTH_CLIENT_CRED_LOCATION"] || env["CUTHOR_CLIENT_CRED_LOCATION"]) return true;
  return holdsCertificate(credentialsFolder(env).path);
}

function holdsCertificate(folder: string): boolean {
  return existsSync(join(folder, "client.crt"));
}

/**
 * Reads `ca.crt`, `client.crt` and `client.key`. Throws UsageError with one sentence: which file, why, and what to do.
 */
export function readCredentials(env: Environment, now: number = Date.now()): Credentials {
  const { path: folder } = credentialsFolder(env);
  const [ca, certificate, key] = ["ca.crt", "client.crt", "client.key"].map((name) => readPart(folder, name));
  if (!ca || !certificate || !key) throw new Error("Three files are read as three");
  const keyPath = join(folder, "client.key");
  refuseOpenKey(keyPath);
  const shown = parse(join(folder, "client.crt"), certificate);
  parse(join(folder, "ca.crt"), ca);
  if (!ownsKey(shown, { key, keyPath })) {
    throw refused(
      keyPath,
      `it is not the key of the certificate in "${join(folder, "client.crt")}"`,
      "Copy both of one pair",
    );
  }
  if (shown.validToDate.getTime() <= now) {
    throw refused(
      join(folder, "client.crt"),
      `the certificate expired on ${shown.validToDate.toISOString()}`,
      "Get a new one: `berth login --cert`, or `berth cert issue NAME` by an administrator",
    );
  }
  return { folder, ca, certificate, key };
}

function readPart(folder: string, name: string): Buffer {
  const path = join(folder, name);
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const why =
      code === "ENOENT" || code === "ENOTDIR"
        ? "it is not there"
        : code === "EACCES"
          ? "you may not read it"
          : (systemReason(error)?.why ?? code);
    const fix =
      "Get one with `berth login --cert`, or copy ca.crt, client.crt and client.key there; BERTH_CLIENT_CRED_LOCATION names another folder";
    throw refused(path, why, fix);
  }
}

function refuseOpenKey(path: string): void {
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  throw refused(
    path,
    `others may read or change it (mode ${mode.toString(8).padStart(4, "0")})`,
    `Run chmod 600 ${path}`,
  );
}

/** Loaded when it is used: the first use of it costs a tenth of the start of a command. */
const crypto = (): typeof Crypto => process.getBuiltinModule("node:crypto");

function parse(path: string, pem: Buffer): X509Certificate {
  try {
    return new (crypto().X509Certificate)(pem);
  } catch {
    throw refused(path, "it holds no certificate in PEM", "Copy it again, whole");
  }
}

function ownsKey(certificate: X509Certificate, { key, keyPath }: { key: Buffer; keyPath: string }): boolean {
  try {
    return certificate.checkPrivateKey(crypto().createPrivateKey(key));
  } catch {
    throw refused(keyPath, "it holds no private key in PEM without a passphrase", "Copy it again, whole");
  }
}

function refused(path: string, why: string, fix: string): UsageError {
  return new UsageError(`Cannot use "${path}": ${why}`, fix);
}
