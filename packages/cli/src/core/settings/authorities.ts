import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { systemReason } from "../text/system-error.ts";
import { UsageError } from "../usage-error.ts";
import type { Settings } from "./settings.ts";

/**
 * Whom to trust to sign the server's certificate, as PEM: those of the file that was named and nobody else; else all whom
 * Node trusts, and, of a server on this machine, its own authority where this user may read it. undefined: whom Node trusts.
 */
export function readAuthorities({
  ca,
  ownCa,
}: Pick<Settings, "ca" | "ownCa">): readonly string[] | undefined {
  if (ca !== null) return [named(ca)];
  const own = ownCa === null ? null : readIfPossible(ownCa);
  return own === null ? undefined : [...rootCertificates, own];
}

function named(path: string): string {
  const fix =
    "Copy it from the server: `pki/ca.crt` below its data folder, or whoever signed its certificate";
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const why = systemReason(error)?.why ?? "it cannot be read";
    throw new UsageError(`Cannot read the authority "${path}": ${why}`, fix);
  }
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new UsageError(`Cannot use the authority "${path}": it holds no certificate in PEM`, fix);
}

function readIfPossible(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
