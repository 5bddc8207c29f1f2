import type { Quota } from "@berth/protocol";
import { KeyedQueue } from "../../lib/keyed-queue.ts";

/** What one quota says of one owner, who has all of it. */
export interface AtQuota {
  used: number;
  limit: number;
}

export const HOUR_MS = 3_600_000;

/** The quotas by the names that they bound, as they are stored. */
export class Quotas {
  readonly #byName: Map<string, Quota>;
  /** When the jobs of those came who have a bound by the hour: the last ones, oldest first. */
  readonly #came = new Map<string, number[]>();
  /** Requests of those, each key's one after the other. */
  readonly oneByOne = new KeyedQueue();
  readonly #watchers = new Set<() => void>();

  constructor(stored: readonly Quota[] = []) {
    this.#byName = new Map(stored.map((quota) => [quota.user, quota]));
  }

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  of(user: string): Quota | null {
    return this.#byName.get(user) ?? null;
  }

  set(quota: Quota): void {
    const before = this.of(quota.user)?.jobsPerHour ?? 0;
    // Of those that came before no more are known than there was room for.
    if ((quota.jobsPerHour ?? 0) > before) this.#came.delete(quota.user);
    this.#byName.set(quota.user, quota);
    this.#tell();
  }

  delete(user: string): void {
    this.#byName.delete(user);
    this.#came.delete(user);
    this.#tell();
  }

  /** Calls whenever one has changed. */
  watch(listener: () => void): void {
    this.#watchers.add(listener);
  }

  /** null where this owner may run one more. */
  atJobs(user: string, used: number): AtQuota | null {
    const limit = this.of(user)?.jobs ?? null;
    return limit === null || used < limit ? null : { used, limit };
  }

  /** Whether those of this owner are counted by the hour. */
  hasHourly(user: string): boolean {
    return this.#byName.size > 0 && (this.of(user)?.jobsPerHour ?? null) !== null;
  }

  /** Whether what came before is to be told by `cameBefore` first. */
  wantsHistory(user: string): boolean {
    return this.hasHourly(user) && !this.#came.has(user);
  }

  /** When the last jobs of this owner came, of those that are stored of the last hour. */
  cameBefore(user: string, times: readonly number[]): void {
    if (!this.#came.has(user))
      this.#came.set(
        user,
        times.toSorted((a, b) => a - b),
      );
  }

  /** One more comes: null, or, where that is too many, when there is room for the next. */
  comes(user: string, now: number): (AtQuota & { againAt: number }) | null {
    const limit = this.of(user)?.jobsPerHour ?? null;
    if (limit === null) return null;
    const times = this.#came.get(user) ?? [];
    this.#came.set(user, times);
    const first = times.findIndex((at) => at > now - HOUR_MS);
    times.splice(0, first < 0 ? times.length : first);
    // Of those that come after now the clock was set back.
    while ((times.at(-1) ?? 0) > now) times.pop();
    if (times.length < limit) {
      times.push(now);
      return null;
    }
    const last = times[times.length - limit] ?? now;
    return { used: times.length, limit, againAt: last + HOUR_MS };
  }

  /** One that was counted at that moment did not come to be after all. */
  goes(user: string, at: number): void {
    const times = this.#came.get(user);
    const place = times?.lastIndexOf(at) ?? -1;
    if (place >= 0) times?.splice(place, 1);
  }

  #tell(): void {
    for (const listener of this.#watchers) listener();
  }
}
