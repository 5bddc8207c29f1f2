import { createHash } from "node:crypto";

/**
 * A definition as records have it: of what it runs and takes only a digest. Commands hold what not everybody who reads the
 * trail is to read, and schemas are long; the version itself has both.
 */
export function auditedSpec(spec: object): object {
  return Object.fromEntries(
    Object.entries(spec).map(([field, value]) =>
      field === "command" || field === "input" ? [field, digestOf(value)] : [field, value as unknown],
    ),
  );
}

function digestOf(value: unknown): string {
  return `sha256:${createHash("sha256").update(JSON.stringify(value)).digest("hex")}`;
}
