import type { Bounds, Needs, Subject } from "./subject.ts";

/** What one job or several take together. */
interface Sum {
  jobs: number;
  cpuMilli: number;
  memory: number;
  /** Jobs without a limit on one of the two: each takes all that is left. */
  openCpu: number;
  openMemory: number;
}

/** What keeps a job from being started though there is a slot. */
export interface Shortage {
  subject: Subject;
  what: "jobs" | "cpu" | "memory";
  used: number;
  /** What it would add; null where nothing at all may be added. */
  asked: number | null;
  limit: number;
}

const nothing: Readonly<Sum> = { jobs: 0, cpuMilli: 0, memory: 0, openCpu: 0, openMemory: 0 };

/** What runs of whom, and what that takes: of each owner, and of each group that is asked about. */
export class RunningUse {
  /** The groups of an owner that are bounded. */
  readonly #groupsOf: (owner: string) => Iterable<string>;
  readonly #jobs = new Map<string, { owner: string; needs: Needs }>();
  readonly #owners = new Map<string, Sum>();
  readonly #groups = new Map<string, Sum>();

  constructor(groupsOf: (owner: string) => Iterable<string>) {
    this.#groupsOf = groupsOf;
  }

  begin(id: string, job: { owner: string; needs: Needs }): void {
    if (this.#jobs.has(id)) return;
    this.#jobs.set(id, job);
    this.#add(this.#owners, job.owner, { needs: job.needs, times: 1 });
    for (const group of this.#groupsOf(job.owner))
      this.#add(this.#groups, group, { needs: job.needs, times: 1 });
  }

  /** Whose it was; null where it did not run. */
  end(id: string): string | null {
    const job = this.#jobs.get(id);
    if (job === undefined) return null;
    this.#jobs.delete(id);
    this.#add(this.#owners, job.owner, { needs: job.needs, times: -1 });
    for (const group of this.#groupsOf(job.owner))
      this.#add(this.#groups, group, { needs: job.needs, times: -1 });
    return job.owner;
  }

  /** Who is in which group, or which are bounded, has changed. */
  regroup(): void {
    this.#groups.clear();
    for (const { owner, needs } of this.#jobs.values())
      for (const group of this.#groupsOf(owner)) this.#add(this.#groups, group, { needs, times: 1 });
  }

  of({ kind, name }: Subject): Readonly<Sum> {
    return (kind === "user" ? this.#owners : this.#groups).get(name) ?? nothing;
  }

  #add(sums: Map<string, Sum>, name: string, { needs, times }: { needs: Needs; times: 1 | -1 }): void {
    const sum = sums.get(name) ?? { ...nothing };
    sum.jobs += times;
    sum.cpuMilli += times * (needs.cpuMilli ?? 0);
    sum.memory += times * (needs.memory ?? 0);
    if (needs.cpuMilli === null) sum.openCpu += times;
    if (needs.memory === null) sum.openMemory += times;
    if (sum.jobs === 0) sums.delete(name);
    else sums.set(name, sum);
  }
}

/**
 * Which of these bounds has no room for one more job that needs this; null where all have. Without needs: for any job at
 * all. A job without a limit takes all that a bound allows, and so runs by itself.
 */
export function shortageOf(
  subject: Subject,
  { bounds, used, needs }: { bounds: Bounds; used: Readonly<Sum>; needs: Needs | null },
): Shortage | null {
  if (bounds.jobs !== null && used.jobs >= bounds.jobs)
    return { subject, what: "jobs", used: used.jobs, asked: null, limit: bounds.jobs };
  const cpu = { limit: bounds.cpuMilli, sum: used.cpuMilli, isOpen: used.openCpu > 0 };
  const overCpu = overOne(cpu, needs && { asks: needs.cpuMilli });
  if (overCpu !== null) return { subject, what: "cpu", ...overCpu };
  const memory = { limit: bounds.memory, sum: used.memory, isOpen: used.openMemory > 0 };
  const overMemory = overOne(memory, needs && { asks: needs.memory });
  return overMemory && { subject, what: "memory", ...overMemory };
}

/**
 * Of a job that needs this: the bound that is smaller than that by itself, so that it waits until somebody raises it; null where
 * there is none. A bound of nothing at all keeps every job waiting, and this one no more than others.
 */
export function beyond({ cpuMilli, memory }: Bounds, needs: Needs): Pick<Shortage, "what" | "limit"> | null {
  const isMore = (asked: number | null, limit: number | null): limit is number =>
    asked !== null && limit !== null && limit > 0 && asked > limit;
  if (isMore(needs.cpuMilli, cpuMilli)) return { what: "cpu", limit: cpuMilli };
  return isMore(needs.memory, memory) ? { what: "memory", limit: memory } : null;
}

function overOne(
  { limit, sum, isOpen }: { limit: number | null; sum: number; isOpen: boolean },
  needs: { asks: number | null } | null,
): Pick<Shortage, "used" | "asked" | "limit"> | null {
  if (limit === null) return null;
  const used = isOpen ? Math.max(sum, limit) : sum;
  const least = needs === null ? 1 : (needs.asks ?? Math.max(limit, 1));
  return used + least > limit ? { used, asked: needs === null ? null : least, limit } : null;
}

/** What is used, as the contract tells it: a job without a limit as all that there is. */
export function shownUse(
  used: Readonly<Sum>,
  { cpuMilli, memory }: Pick<Bounds, "cpuMilli" | "memory">,
): { jobs: number; cpuMilli: number; memory: number } {
  return {
    jobs: used.jobs,
    cpuMilli: used.openCpu > 0 ? Math.max(used.cpuMilli, cpuMilli ?? 0) : used.cpuMilli,
    memory: used.openMemory > 0 ? Math.max(used.memory, memory ?? 0) : used.memory,
  };
}
