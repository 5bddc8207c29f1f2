import { fileURLToPath } from "node:url";

/** berth-init for this processor, see native/README.md: pid 1 of each job, and the shim that watches over it. */
export function nativeProgram(): string {
  return fileURLToPath(new URL(`../../../../native/bin/berth-init-${process.arch}`, import.meta.url));
}
