import { type NamePattern, namePattern } from "./name-pattern.ts";

/** Where the patterns stand after some names of a path: places in all of them, each once. */
export type Progress = readonly number[];

/** What one more name of a path leads to. */
interface Advance {
  progress: Progress;
  /** The patterns that the path up to here matches. */
  hits: readonly number[];
}

type Place =
  | { kind: "name"; name: number }
  /** `**`: any number of names. */
  | { kind: "any" }
  | { kind: "end"; pattern: number };

/**
 * Patterns in which `*` stands for any part of a name and `**`, as a whole name, for any number of folders. All of them
 * are matched at once while a tree is walked: each name moves every place that was reached one on, and none is ever gone
 * back to. So a name costs at most as much as the patterns are long, however deep it lies.
 */
export class PathPatterns {
  readonly #places: Place[] = [];
  readonly #names: NamePattern[] = [];
  readonly #first: number[] = [];
  /** In which turn a place was reached, and a name tried, last: what was in an earlier turn does not count. */
  readonly #reachedIn: number[];
  readonly #triedIn: number[];
  readonly #fits: boolean[] = [];
  #turn = 0;

  constructor(patterns: readonly string[]) {
    const known = new Map<string, number>();
    for (const [pattern, text] of patterns.entries()) {
      this.#first.push(this.#places.length);
      for (const segment of text.split("/")) this.#places.push(this.#placeOf(segment, known));
      this.#places.push({ kind: "end", pattern });
    }
    this.#reachedIn = Array.from(this.#places, () => 0);
    this.#triedIn = Array.from(this.#names, () => 0);
  }

  /** Before the first name of any path. */
  start(): Progress {
    this.#turn += 1;
    const progress: number[] = [];
    for (const place of this.#first) this.#reach(place, progress);
    return progress;
  }

  /** One name further. Without progress nothing below can match. */
  advance(from: Progress, name: string): Advance {
    this.#turn += 1;
    const progress: number[] = [];
    for (const at of from) {
      const place = this.#places[at];
      if (place?.kind === "any") this.#reach(at, progress);
      else if (place?.kind === "name" && this.#tryName(place.name, name)) this.#reach(at + 1, progress);
    }
    const hits = progress.flatMap((at) => {
      const place = this.#places[at];
      return place?.kind === "end" ? [place.pattern] : [];
    });
    return { progress: progress.filter((at) => this.#places[at]?.kind !== "end"), hits };
  }

  #placeOf(segment: string, known: Map<string, number>): Place {
    if (segment === "**") return { kind: "any" };
    const name = known.get(segment) ?? this.#names.push(namePattern(segment)) - 1;
    known.set(segment, name);
    return { kind: "name", name };
  }

  /** As `**` stands for no name too, what follows it is reached with it. */
  #reach(at: number, progress: number[]): void {
    for (let next = at; this.#reachedIn[next] !== this.#turn; next += 1) {
      this.#reachedIn[next] = this.#turn;
      progress.push(next);
      if (this.#places[next]?.kind !== "any") return;
    }
  }

  #tryName(index: number, name: string): boolean {
    if (this.#triedIn[index] !== this.#turn) {
      this.#triedIn[index] = this.#turn;
      this.#fits[index] = this.#names[index]?.(name) ?? false;
    }
    return this.#fits[index] ?? false;
  }
}

/** Whether a pattern has to be searched for, or names one path. */
export function hasWildcard(pattern: string): boolean {
  return pattern.includes("*");
}
