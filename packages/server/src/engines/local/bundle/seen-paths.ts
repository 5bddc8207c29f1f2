import { lstatSync, type Stats } from "node:fs";

/** What lies where, looked up once each: also that there is nothing. */
export class SeenPaths {
  readonly #seen = new Map<string, Stats | null>();

  /** Of the path itself, no link followed; null when there is nothing, or nothing that can be looked at. */
  at(path: string): Stats | null {
    const known = this.#seen.get(path);
    if (known !== undefined) return known;
    const stat = look(path);
    this.#seen.set(path, stat);
    return stat;
  }
}

function look(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}
