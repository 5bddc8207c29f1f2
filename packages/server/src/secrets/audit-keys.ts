import { type Seal, sealOf } from "../core/audit/chain.ts";
import type { AuditEntry } from "../core/audit/record.ts";
import type { SecretStore, SecretVersion } from "../store/secret-store.ts";
import type { MasterKeys } from "./master-keys.ts";
import { seal, unseal } from "./secret-box.ts";

export interface AuditKeysParts {
  store: {
    secrets: Pick<SecretStore, "auditKeys">;
    /** What is written by it is recorded so. */
    audited(entry: AuditEntry): { secrets: Pick<SecretStore, "keepAuditKey"> };
  };
  keys: MasterKeys;
  now: () => number;
}

/** No secret can be called so. */
const NAME = "audit key";
const VALUE = "key";

/**
 * The keys by which the servers of a database seal their audit records, each under the master key that all of them share: what one has sealed
 * another can verify. Who can write the database alone can take one away, and make none that opens.
 */
export class AuditKeys {
  readonly #parts: AuditKeysParts;

  constructor(parts: AuditKeysParts) {
    this.#parts = parts;
  }

  /** Those that open, by their ids. */
  async all(): Promise<ReadonlyMap<string, Uint8Array>> {
    const versions = await this.#parts.store.secrets.auditKeys();
    const opened = await Promise.all(versions.map((version) => this.#open(version).catch(() => null)));
    return new Map(opened.flatMap((one) => (one === null ? [] : [[one.keyId, one.key]])));
  }

  /** Keeps this one where it is not there, or does not open. Throws SETTINGS_INVALID where there is no master key. */
  async keep(own: Seal, entry: AuditEntry): Promise<void> {
    if ((await this.all()).has(own.keyId)) return;
    const of = { name: NAME, id: own.keyId };
    const { store, keys, now } = this.#parts;
    const sealed = seal(new Map([[VALUE, own.key]]), { of, by: await keys.current() });
    await store.audited(entry).secrets.keepAuditKey({ ...of, source: "audit", ...sealed, createdAt: now() });
  }

  /** Throws SECRET_KEY_MISSING. null where it is not the key of its id. */
  async #open(version: SecretVersion): Promise<Seal | null> {
    const by = await this.#parts.keys.find(version.keyId);
    const key = unseal(version, { of: { name: NAME, id: version.id }, by }).get(VALUE);
    if (key === undefined) return null;
    const opened = sealOf("", key);
    return opened.keyId === version.id ? opened : null;
  }
}
