import type { JobFacts } from "./job-facts.ts";

/**
 * Who has the folder of which other workload as /work, with its ids: both stay until the last of them is gone, whatever
 * is removed first.
 */
export class Heirs {
  readonly #of = new Map<string, Set<string>>();
  /** Whose folder each heir has, until that is gone too. */
  readonly #ownerOf = new Map<string, string>();
  /** Those that were to be removed while they had heirs. */
  readonly #kept = new Set<string>();

  add(id: string, { workOf }: Pick<JobFacts, "workOf">): void {
    if (workOf === undefined) return;
    this.#ownerOf.set(id, workOf);
    const heirs = this.#of.get(workOf);
    if (heirs) heirs.add(id);
    else this.#of.set(workOf, new Set([id]));
  }

  /** Whether what is to be removed must stay for now. */
  keep(id: string): boolean {
    if (!this.#of.has(id)) return false;
    this.#kept.add(id);
    return true;
  }

  /**
   * An heir is gone. Returns whom nothing keeps any more and who was to be removed; null for nobody. The same each time
   * that it is asked, until that one is `removed`: its removal may fail.
   */
  leave(id: string): string | null {
    const owner = this.#ownerOf.get(id);
    if (owner === undefined) return null;
    const heirs = this.#of.get(owner);
    heirs?.delete(id);
    if (heirs !== undefined && heirs.size > 0) return null;
    this.#of.delete(owner);
    return this.#kept.has(owner) ? owner : null;
  }

  /** It is gone with all that it had: nobody has its folder any more. */
  removed(id: string): void {
    this.#kept.delete(id);
    for (const [heir, owner] of this.#ownerOf) if (owner === id) this.#ownerOf.delete(heir);
  }
}
