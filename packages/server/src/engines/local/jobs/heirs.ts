import type { JobFacts } from "./job-facts.ts";

/**
 * Who has the folder of which other workload as /work, with its ids: both stay until the last of them is gone, whatever
 * is removed first.
 */
export class Heirs {
  readonly #of = new Map<string, Set<string>>();
  /** Those that were to be removed while they had heirs. */
  readonly #kept = new Set<string>();

  add(id: string, { workOf }: Pick<JobFacts, "workOf">): void {
    if (workOf === undefined) return;
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

  /** An heir is gone. Returns whom nothing keeps any more and who was to be removed; null for nobody. */
  leave(id: string, { workOf }: Pick<JobFacts, "workOf">): string | null {
    if (workOf === undefined) return null;
    const heirs = this.#of.get(workOf);
    heirs?.delete(id);
    if (heirs === undefined || heirs.size > 0) return null;
    this.#of.delete(workOf);
    return this.#kept.delete(workOf) ? workOf : null;
  }
}
