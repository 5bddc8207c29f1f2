import { foldName } from "../../lib/dns/fold-name.ts";

/** As DNS has it, without the dot at the end. */
const LONGEST_NAME = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

export type ReadPattern = { pattern: string } | { problem: string };

/** Whether a folded name is one that a host may have: what else DNS carries, nobody can grant. */
export function isHostName(name: string): boolean {
  return name.length <= LONGEST_NAME && name.split(".").every((label) => LABEL.test(label));
}

/** Reads `github.com`, or `*.pythonhosted.org`: every name below that one, at any depth, and not that one itself. */
export function readPattern(text: string): ReadPattern {
  const pattern = foldName(text);
  if (pattern === "*") return { problem: `"${text}" is every name: grant the network "internet" for that` };
  const name = pattern.startsWith("*.") ? pattern.slice(2) : pattern;
  if (/[^\u0021-\u007e]/.test(name)) {
    return {
      problem: `"${text}" is not written in ASCII: write what it is in DNS, as in "xn--bcher-kva.example"`,
    };
  }
  if (name.includes("*"))
    return { problem: `"${text}" has a "*" elsewhere than as its first part, before a dot` };
  if (!isHostName(name)) return { problem: `"${text}" is no name of a host` };
  if (/^\d+$/.test(name.slice(name.lastIndexOf(".") + 1))) {
    return { problem: `"${text}" is no name: addresses belong to "addresses"` };
  }
  return { pattern };
}

/** Finds the pattern that grants a name, in as many steps as the name has labels, however many patterns there are. */
export class NamePatterns {
  readonly #exact: ReadonlySet<string>;
  /** What stands behind `*.` */
  readonly #parents: ReadonlySet<string>;

  /** Patterns as `readPattern` gives them. */
  constructor(patterns: readonly string[]) {
    this.#exact = new Set(patterns.filter((pattern) => !pattern.startsWith("*.")));
    this.#parents = new Set(
      patterns.filter((pattern) => pattern.startsWith("*.")).map((one) => one.slice(2)),
    );
  }

  /** The pattern that grants a folded name, the narrowest first; null where none does. */
  match(name: string): string | null {
    if (this.#exact.has(name)) return name;
    if (this.#parents.size === 0) return null;
    for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
      const parent = name.slice(dot + 1);
      if (this.#parents.has(parent)) return `*.${parent}`;
    }
    return null;
  }
}
