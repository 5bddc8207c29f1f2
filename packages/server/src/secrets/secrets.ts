import { BerthError, type Problem, type SecretValue } from "@berth/protocol";
import { mergeUpdate, type SecretValues } from "../core/secrets/merge-update.ts";
import { newId } from "../lib/ids.ts";
import type { JobSecret, SecretStore, SecretVersion, StoredSecret } from "../store/secret-store.ts";
import type { MasterKey, MasterKeys } from "./master-keys.ts";
import { rewrap, seal, unseal } from "./secret-box.ts";
import type { SecretSource } from "./secret-source.ts";

/** A secret as it may be shown: without what it holds. */
export interface KnownSecret extends Omit<StoredSecret, "version" | "current" | "createdAt" | "updatedAt"> {
  source: "stored" | "files";
  version: number | null;
  createdAt: number | null;
  updatedAt: number | null;
}

export interface SecretUpdate {
  values: Readonly<Record<string, SecretValue>>;
  short: boolean;
}

interface SecretsParts {
  store: SecretStore;
  keys: MasterKeys;
  /** Secrets that others keep; null where there are none. */
  mounted: SecretSource | null;
  now: () => number;
}

const mostSecrets = 10_000;
/** Versions whose data keys are sealed anew at a time. */
const PAGE = 100;
/** Others may change it between the look and the write: so often in a row nobody does. */
const MOST_ATTEMPTS = 10;
const NAMED = 5;

/** The secrets of this server. Who may do what with them is decided by those who ask. */
export class Secrets {
  readonly #parts: SecretsParts;

  constructor(parts: SecretsParts) {
    this.#parts = parts;
  }

  /** The same, written by another way: one that records each write. */
  by(store: SecretStore): Secrets {
    return new Secrets({ ...this.#parts, store });
  }

  /** Throws SETTINGS_INVALID where a mounted secret has the name of one that is stored here. */
  static async open(parts: SecretsParts): Promise<Secrets> {
    await parts.store.prune();
    const stored = new Set((await parts.store.list()).map(({ name }) => name));
    const twice = ((await parts.mounted?.list()) ?? []).filter(({ name }) => stored.has(name));
    if (twice.length === 0) return new Secrets(parts);
    const names = twice.map(({ name }) => `"${name}"`).join(", ");
    throw new BerthError(
      "SETTINGS_INVALID",
      `Cannot start: mounted secrets have names of stored ones: ${names}`,
      {
        fix: "Name their folders otherwise, or delete the stored ones while the setting is away",
      },
    );
  }

  /** All, by name. */
  async list(): Promise<KnownSecret[]> {
    const { store, mounted } = this.#parts;
    const stored = (await store.list()).map(known);
    const taken = new Set(stored.map(({ name }) => name));
    const others = ((await mounted?.list()) ?? []).filter(({ name }) => !taken.has(name)).map(ofFiles);
    return [...stored, ...others].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** null where there is none of that name. */
  async find(name: string): Promise<KnownSecret | null> {
    const stored = await this.#parts.store.get(name);
    if (stored !== null) return known(stored);
    const found = ((await this.#parts.mounted?.list()) ?? []).find((one) => one.name === name);
    return found === undefined ? null : ofFiles(found);
  }

  /** Throws REQUEST_INVALID, SECRET_EXISTS, SECRET_LIMIT. */
  async create(name: string, update: SecretUpdate): Promise<KnownSecret> {
    const { store, now } = this.#parts;
    const what = `create secret "${name}"`;
    const values = taken(mergeUpdate(new Map(), update.values, update), what);
    if ((await this.find(name)) !== null) throw exists(name);
    if ((await store.list()).length >= mostSecrets)
      throw new BerthError("SECRET_LIMIT", `Cannot ${what}: there are ${mostSecrets} already`);
    const at = now();
    const version = await this.#sealed(name, { values, source: "stored" });
    const secret = {
      name,
      version: 1,
      current: version.id,
      keys: [...values.keys()],
      createdAt: at,
      updatedAt: at,
    };
    if (!(await store.insert(secret, version))) throw exists(name);
    return known(secret);
  }

  /** Throws REQUEST_INVALID, SECRET_NOT_FOUND, SECRET_READ_ONLY, SECRET_KEY_MISSING. */
  async update(name: string, update: SecretUpdate): Promise<KnownSecret> {
    const { store, now } = this.#parts;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const stored = await this.#stored(name, "change");
      const before = await this.values(stored.current);
      // It was changed between the two looks.
      if (before === null) continue;
      const values = taken(mergeUpdate(before, update.values, update), `change secret "${name}"`);
      const to = await this.#sealed(name, { values, source: "stored" });
      const keys = [...values.keys()];
      const at = now();
      if (await store.update(name, { from: stored.current, to, keys, at }))
        return known({ ...stored, version: stored.version + 1, keys, updatedAt: at });
    }
    throw new Error(`Cannot change secret "${name}": others change it all the time`);
  }

  /** Throws SECRET_NOT_FOUND, SECRET_READ_ONLY, SECRET_IN_USE. */
  async delete(name: string): Promise<void> {
    const { store } = this.#parts;
    await this.#stored(name, "delete");
    if (await store.delete(name)) return;
    const users = await store.users(name, NAMED + 1);
    if (users.length === 0) throw secretNotFound(name);
    const more = users.length > NAMED ? ", and more" : "";
    const jobs = users.slice(0, NAMED).join(", ");
    throw new BerthError("SECRET_IN_USE", `Cannot delete secret "${name}": jobs have it: ${jobs}${more}`);
  }

  /** Another master key seals all from now on; what others had sealed is sealed anew. Can be cut short, and done again. */
  async rotate(): Promise<{ key: string; rewrapped: number }> {
    const { store, keys } = this.#parts;
    const to = await keys.next();
    let rewrapped = 0;
    for (;;) {
      const page = await store.sealedOtherwise(to.id, PAGE);
      if (page.length === 0) break;
      for (const version of page) await this.#rewrap(version, to);
      rewrapped += page.length;
    }
    // Another server's, with other master keys, is that one's matter.
    for (const version of await store.auditKeys())
      if (version.keyId !== to.id && (await this.#isKnown(version.keyId))) await this.#rewrap(version, to);
    return { key: to.id, rewrapped };
  }

  async #rewrap(version: SecretVersion, to: MasterKey): Promise<void> {
    const { store, keys } = this.#parts;
    const from = await keys.find(version.keyId);
    await store.reseal(version.id, { from: from.id, to: rewrap(version, { of: version, from, to }) });
  }

  #isKnown(keyId: string): Promise<boolean> {
    return this.#parts.keys.find(keyId).then(
      () => true,
      () => false,
    );
  }

  /** Ids of the master keys that have sealed something which is there, and of those among them that are lost. */
  async masterKeys(): Promise<{ used: string[]; missing: string[] }> {
    const used = await this.#parts.store.keyIds();
    const found = await Promise.all(used.map((id) => this.#isKnown(id)));
    return { used, missing: used.filter((_, at) => found[at] !== true) };
  }

  /** What a job that is being submitted gets: as it is now, whatever becomes of the secret. null where there is none. */
  async pin(name: string): Promise<(JobSecret & { values: SecretValues }) | null> {
    const { store, mounted } = this.#parts;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const stored = await store.get(name);
      if (stored === null) break;
      const values = await this.values(stored.current);
      if (values !== null) return { name, version: stored.current, values };
    }
    const values = (await mounted?.read(name)) ?? null;
    if (values === null) return null;
    const last = await store.lastMounted(name);
    if (last !== null && isSame(values, await this.#open(last))) return { name, version: last.id, values };
    const version = await this.#sealed(name, { values, source: "files" });
    await store.keepMounted(version);
    return { name, version: version.id, values };
  }

  /** What a version holds; null where it is not there any more. Throws SECRET_KEY_MISSING. */
  async values(id: string): Promise<SecretValues | null> {
    const version = await this.#parts.store.version(id);
    return version === null ? null : this.#open(version);
  }

  async #open(version: SecretVersion): Promise<SecretValues> {
    return unseal(version, { of: version, by: await this.#parts.keys.find(version.keyId) });
  }

  async #sealed(
    name: string,
    { values, source }: { values: SecretValues; source: SecretVersion["source"] },
  ): Promise<SecretVersion> {
    const of = { name, id: newId() };
    const by = await this.#parts.keys.current();
    return { ...of, source, ...seal(values, { of, by }), createdAt: this.#parts.now() };
  }

  async #stored(name: string, what: string): Promise<StoredSecret> {
    const stored = await this.#parts.store.get(name);
    if (stored !== null) return stored;
    if ((await this.find(name)) === null) throw secretNotFound(name);
    throw new BerthError(
      "SECRET_READ_ONLY",
      `Cannot ${what} secret "${name}": it is mounted into the server`,
    );
  }
}

export function secretNotFound(name: string): BerthError {
  return new BerthError("SECRET_NOT_FOUND", `Cannot find secret "${name}"`);
}

function exists(name: string): BerthError {
  return new BerthError("SECRET_EXISTS", `Cannot create secret "${name}": there is one of that name`);
}

function taken(merged: { values: SecretValues } | { problems: Problem[] }, what: string): SecretValues {
  if ("values" in merged) return merged.values;
  const { problems } = merged;
  const told = problems.map(({ field, message }) => `${field} ${message}`).join("; ");
  throw new BerthError("REQUEST_INVALID", `Cannot ${what}: ${told}`, { problems });
}

function known(stored: StoredSecret): KnownSecret {
  const { name, version, keys, createdAt, updatedAt } = stored;
  return { name, source: "stored", version, keys: keys.toSorted(), createdAt, updatedAt };
}

function ofFiles({ name, keys }: { name: string; keys: readonly string[] }): KnownSecret {
  return { name, source: "files", version: null, keys, createdAt: null, updatedAt: null };
}

function isSame(one: SecretValues, other: SecretValues): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([key, value]) => {
    const same = other.get(key);
    return same !== undefined && Buffer.compare(value, same) === 0;
  });
}
