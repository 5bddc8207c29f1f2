import type { SecretValues } from "../core/secrets/merge-update.ts";

/** Where secrets lie that others keep: they are read at each use, and never written. */
export interface SecretSource {
  /** Names with their keys. */
  list(): Promise<{ name: string; keys: readonly string[] }[]>;
  /** null where there is none of that name. */
  read(name: string): Promise<SecretValues | null>;
}
