import { KeyedQueue } from "../../lib/keyed-queue.ts";
import { Hourly } from "./hourly.ts";
import { beyond, RunningUse, type Shortage, shortageOf, shownUse } from "./running-use.ts";
import type { Bounds, Needs, StoredQuota, Subject } from "./subject.ts";

/** Why one more may not come within this hour. */
export interface HourlyRefusal {
  subject: Subject;
  limit: number;
  againAt: number;
}

const keyOf = ({ kind, name }: Subject): string => `${kind} ${name}`;

/**
 * The quotas as they are stored, and what is used of them. Several may bound one owner: its own, and those of its groups,
 * each of which counts what all members of the group have together. Each of them must hold.
 */
export class Quotas {
  readonly #bounds = { user: new Map<string, StoredQuota>(), group: new Map<string, StoredQuota>() };
  /** The keys of the groups of an owner. */
  readonly #groupsOf: (owner: string) => readonly string[];
  readonly #hourly = new Hourly();
  readonly #running: RunningUse;
  /** Requests of those who are counted by the hour, each key's one after the other. */
  readonly oneByOne = new KeyedQueue();
  readonly #watchers = new Set<() => void>();
  #changes = 0;
  #freed = 0;

  constructor(
    stored: readonly StoredQuota[] = [],
    groupsOf: (owner: string) => readonly string[] = () => [],
  ) {
    this.#groupsOf = groupsOf;
    this.#running = new RunningUse((owner) => this.#boundedGroups(owner));
    for (const quota of stored) this.#bounds[quota.subject.kind].set(quota.subject.name, quota);
  }

  get isEmpty(): boolean {
    return this.#bounds.user.size === 0 && this.#bounds.group.size === 0;
  }

  of({ kind, name }: Subject): StoredQuota | null {
    return this.#bounds[kind].get(name) ?? null;
  }

  /** All that bound this owner. */
  applying(owner: string): readonly StoredQuota[] {
    if (this.isEmpty) return [];
    const own = this.#bounds.user.get(owner);
    const shared = this.#boundedGroups(owner).flatMap((group) => this.#bounds.group.get(group) ?? []);
    return own === undefined ? shared : [own, ...shared];
  }

  /** Whether more than a place in the queue depends on them. */
  asksAtSubmit(owner: string): boolean {
    if (this.isEmpty) return false;
    return this.applying(owner).some(
      ({ jobsPerHour, cpuMilli, memory, storedBytes }) =>
        jobsPerHour !== null || cpuMilli !== null || memory !== null || storedBytes !== null,
    );
  }

  set(quota: StoredQuota): void {
    this.#changes += 1;
    this.#take(quota);
    this.#changed();
  }

  delete({ kind, name }: Subject): void {
    this.#changes += 1;
    this.#bounds[kind].delete(name);
    this.#hourly.forget(keyOf({ kind, name }));
    this.#changed();
  }

  /** As they are stored now: somebody else may have changed them. What is changed here meanwhile is read again. */
  async reload(stored: () => Promise<readonly StoredQuota[]>): Promise<void> {
    for (;;) {
      const changes = this.#changes;
      const all = await stored();
      if (changes !== this.#changes) continue;
      const known = new Set(all.map(({ subject }) => keyOf(subject)));
      for (const kind of ["user", "group"] as const)
        for (const name of this.#bounds[kind].keys())
          if (!known.has(keyOf({ kind, name }))) {
            this.#bounds[kind].delete(name);
            this.#hourly.forget(keyOf({ kind, name }));
          }
      for (const quota of all) this.#take(quota);
      return this.#changed();
    }
  }

  /** Who is in which group has changed. */
  regroup(): void {
    if (this.#bounds.group.size === 0) return;
    // What came of those who are members now is read anew.
    this.#hourly.forgetWhere((key) => key.startsWith("group "));
    this.#changed();
  }

  /** Calls whenever one has changed. */
  watch(listener: () => void): void {
    this.#watchers.add(listener);
  }

  /** A job has a slot from now on. */
  begin(id: string, job: { owner: string; needs: Needs }): void {
    this.#running.begin(id, job);
  }

  end(id: string): void {
    const owner = this.#running.end(id);
    if (owner !== null && this.applying(owner).length > 0) this.#freed += 1;
  }

  /** Another number whenever somebody may run more than before. */
  get freed(): number {
    return this.#freed;
  }

  /** What keeps a job of this owner that needs this from being started, or, without needs, any job; null for nothing. */
  shortage(owner: string, needs: Needs | null): Shortage | null {
    for (const { subject, ...bounds } of this.applying(owner)) {
      const used = this.#running.of(subject);
      const found = shortageOf(subject, { bounds, used, needs });
      if (found !== null) return found;
    }
    return null;
  }

  /** What a job of this owner that needs this is too large for, however little else runs; null for nothing. */
  beyond(owner: string, needs: Needs): Shortage | null {
    for (const { subject, ...bounds } of this.applying(owner)) {
      if (beyond(bounds, needs) === null) continue;
      const found = shortageOf(subject, {
        bounds: { ...bounds, jobs: null },
        used: this.#running.of(subject),
        needs,
      });
      if (found !== null) return found;
    }
    return null;
  }

  /** What is used of one at this moment by what runs and came. */
  useOf(
    subject: Subject,
    { bounds, now }: { bounds: Bounds; now: number },
  ): { jobs: number; cpuMilli: number; memory: number; jobsPerHour: number } {
    const jobsPerHour = bounds.jobsPerHour === null ? 0 : this.#hourly.count(keyOf(subject), now);
    return { ...shownUse(this.#running.of(subject), bounds), jobsPerHour };
  }

  /** Those that count this owner's jobs by the hour. */
  hourly(owner: string): readonly (StoredQuota & { jobsPerHour: number })[] {
    return this.applying(owner).flatMap(({ jobsPerHour, ...quota }) =>
      jobsPerHour === null ? [] : [{ ...quota, jobsPerHour }],
    );
  }

  /** Whether what came before is to be told by `cameBefore` first. */
  wantsHistory(subject: Subject): boolean {
    return !this.#hourly.isKnown(keyOf(subject));
  }

  /** When the last jobs came, of those that are stored of the last hour. */
  cameBefore(subject: Subject, times: readonly number[]): void {
    this.#hourly.cameBefore(keyOf(subject), times);
  }

  /** One more of this owner comes: counted for all of these, or, where that is too many for one, for none. */
  comes(owner: string, now: number): HourlyRefusal | readonly Subject[] {
    const all = this.hourly(owner);
    for (const { subject, jobsPerHour: limit } of all) {
      const againAt = this.#hourly.fullUntil(keyOf(subject), { now, limit });
      if (againAt !== null) return { subject, limit, againAt };
    }
    const subjects = all.map(({ subject }) => subject);
    for (const subject of subjects) this.#hourly.add(keyOf(subject), now);
    return subjects;
  }

  /** One that was counted for these at that moment did not come to be after all. */
  goes(subjects: readonly Subject[], at: number): void {
    for (const subject of subjects) this.#hourly.remove(keyOf(subject), at);
  }

  #boundedGroups(owner: string): string[] {
    if (this.#bounds.group.size === 0) return [];
    return this.#groupsOf(owner).filter((group) => this.#bounds.group.has(group));
  }

  #take(quota: StoredQuota): void {
    const before = this.of(quota.subject)?.jobsPerHour ?? 0;
    // Of those that came before no more are known than there was room for.
    if ((quota.jobsPerHour ?? 0) > before) this.#hourly.forget(keyOf(quota.subject));
    this.#bounds[quota.subject.kind].set(quota.subject.name, quota);
  }

  #changed(): void {
    this.#freed += 1;
    this.#running.regroup();
    for (const listener of this.#watchers) listener();
  }
}
