import { randomBytes } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { BerthError } from "@berth/protocol";
import type { HiddenText } from "../core/secrets/hidden-text.ts";

/** Seals the data keys of secrets. */
export interface MasterKey {
  id: string;
  key: Buffer;
}

/** Where master keys come from: the first seals, the others only open. */
export type KeySource =
  /** The server's own file, made with its first key when one is needed. */
  | { kind: "own-file"; path: string }
  /** A file of the operator's. */
  | { kind: "file"; path: string }
  | { kind: "text"; text: HiddenText };

const KEY_BYTES = 32;
const LINE = /^([a-z0-9][a-z0-9_-]{0,31}):([A-Za-z0-9+/]{43}=)$/i;

export class MasterKeys {
  readonly #source: KeySource;
  #keys: readonly MasterKey[] | null = null;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(source: KeySource) {
    this.#source = source;
  }

  /** That which seals. Throws SETTINGS_INVALID where there is none, or the source is none. */
  async current(): Promise<MasterKey> {
    const [first] = (this.#keys ??= await this.#read());
    if (first !== undefined) return first;
    return this.#alone(async () => (await this.#read())[0] ?? (await this.#add()));
  }

  /** Throws SECRET_KEY_MISSING. */
  async find(id: string): Promise<MasterKey> {
    const known = this.#keys?.find((key) => key.id === id);
    // It may have been put back since.
    const found = known ?? (this.#keys = await this.#read()).find((key) => key.id === id);
    if (found !== undefined) return found;
    throw new BerthError("SECRET_KEY_MISSING", `Cannot open a secret: its master key "${id}" is not there`);
  }

  /** Another that seals from now on: the server makes one in its own file, elsewhere it is what the operator has put first. */
  async next(): Promise<MasterKey> {
    if (this.#source.kind === "own-file") return this.#alone(() => this.#add());
    this.#keys = await this.#read();
    return this.current();
  }

  /** Two that change the file at once would each lose the other's key. */
  #alone<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#changing.then(work);
    this.#changing = done.catch(() => undefined);
    return done;
  }

  /** The file is on disk before anything is sealed by the key. */
  async #add(): Promise<MasterKey> {
    if (this.#source.kind !== "own-file") throw invalid(this.#source, "it holds no key");
    const before = await this.#read();
    const made = { id: `k-${randomBytes(4).toString("hex")}`, key: randomBytes(KEY_BYTES) };
    await writeKeys(this.#source.path, [made, ...before]);
    this.#keys = [made, ...before];
    return made;
  }

  async #read(): Promise<readonly MasterKey[]> {
    const source = this.#source;
    if (source.kind === "text") return parse(source.text.reveal(), source);
    try {
      return parse(await readFile(source.path, "utf8"), source);
    } catch (error) {
      if (source.kind === "own-file" && (error as NodeJS.ErrnoException).code === "ENOENT") return [];
      if (error instanceof BerthError) throw error;
      throw invalid(source, "it cannot be read", error);
    }
  }
}

/** Lines `ID:BASE64`; empty ones and those that begin with `#` do not count. What is wrong with a line never shows it. */
function parse(text: string, source: KeySource): readonly MasterKey[] {
  const lines = text.split(/[\n,]/).map((line) => line.trim());
  const keys = lines.flatMap((line, at) => {
    if (line === "" || line.startsWith("#")) return [];
    const [, id = "", base64 = ""] = LINE.exec(line) ?? [];
    if (id === "") throw invalid(source, `line ${at + 1} is not ID:KEY, with 32 bytes as base64`);
    return [{ id, key: Buffer.from(base64, "base64") }];
  });
  const twice = keys.find(({ id }, at) => keys.findIndex((other) => other.id === id) !== at);
  if (twice !== undefined) throw invalid(source, `it has two keys "${twice.id}"`);
  if (keys.length === 0 && source.kind !== "own-file") throw invalid(source, "it holds no key");
  return keys;
}

function invalid(source: KeySource, why: string, cause?: unknown): BerthError {
  const what = source.kind === "text" ? "in BERTH_SECRETS_KEYS" : `of file "${source.path}"`;
  const fix =
    "Write a line `ID:KEY` for each, the one that seals first: `openssl rand -base64 32` makes a KEY";
  return new BerthError("SETTINGS_INVALID", `Cannot use the master keys ${what}: ${why}`, { fix, cause });
}

/** Whole or not at all, for its owner alone from the first instant, and there after a loss of power. */
async function writeKeys(path: string, keys: readonly MasterKey[]): Promise<void> {
  const draft = `${path}.new`;
  {
    await using file = await open(draft, "w", 0o600);
    await file.chmod(0o600);
    await file.writeFile(keys.map(({ id, key }) => `${id}:${key.toString("base64")}\n`).join(""));
    await file.sync();
  }
  await rename(draft, path);
  await using folder = await open(dirname(path));
  await folder.sync();
}
