import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { NetworkRules } from "../../../core/network/profile.ts";
import { replaceFile } from "../../../lib/replace-file.ts";

/** The rules of the profiles that the kernel's table has, in a folder: for the next server. */
export class KeptProfiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  keep(id: string, rules: NetworkRules): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    replaceFile(this.#file(id), JSON.stringify(rules));
  }

  forget(id: string): void {
    rmSync(this.#file(id), { force: true });
  }

  /** All that can be read, by id; a file that cannot goes, and is told: it must not keep a server from starting. */
  read(onBroken: (file: string, why: string) => void): Map<string, NetworkRules> {
    const kept = new Map<string, NetworkRules>();
    for (const name of namesIn(this.#folder)) {
      const id = /^(p[0-9a-f]{32})\.json$/.exec(name)?.[1];
      if (id === undefined) continue;
      try {
        kept.set(id, rulesIn(readFileSync(this.#file(id), "utf8")));
      } catch (error) {
        onBroken(this.#file(id), (error as Error).message);
        this.forget(id);
      }
    }
    return kept;
  }

  /** As the table was listed when it was loaded, in short; null where nobody knows. */
  shape(): string | null {
    try {
      return readFileSync(join(this.#folder, SHAPE), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  keepShape(shape: string): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    replaceFile(join(this.#folder, SHAPE), shape);
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

const SHAPE = "shape";

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function rulesIn(text: string): NetworkRules {
  const rules: unknown = JSON.parse(text);
  if (typeof rules !== "object" || rules === null || !("named" in rules))
    throw new Error("it holds no rules");
  return rules as NetworkRules;
}
