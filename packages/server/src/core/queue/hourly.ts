export const HOUR_MS = 3_600_000;

/** When the last jobs came of those who are counted by the hour: of each at most as many as there is room for. */
export class Hourly {
  readonly #came = new Map<string, number[]>();

  /** Whether it is known what came before. */
  isKnown(key: string): boolean {
    return this.#came.has(key);
  }

  forget(key: string): void {
    this.#came.delete(key);
  }

  forgetWhere(matches: (key: string) => boolean): void {
    for (const key of this.#came.keys()) if (matches(key)) this.#came.delete(key);
  }

  /** When the last jobs came, of those that are stored of the last hour. */
  cameBefore(key: string, times: readonly number[]): void {
    if (!this.#came.has(key))
      this.#came.set(
        key,
        times.toSorted((a, b) => a - b),
      );
  }

  /** How many came within the last hour, of those that are known. */
  count(key: string, now: number): number {
    return this.#lastHour(key, now).length;
  }

  /** null where there is room for one more; else when there will be. */
  fullUntil(key: string, { now, limit }: { now: number; limit: number }): number | null {
    const times = this.#lastHour(key, now);
    return times.length < limit ? null : (times[times.length - limit] ?? now) + HOUR_MS;
  }

  add(key: string, at: number): void {
    this.#lastHour(key, at).push(at);
  }

  /** One that was counted at that moment did not come to be after all. */
  remove(key: string, at: number): void {
    const times = this.#came.get(key);
    const place = times?.lastIndexOf(at) ?? -1;
    if (place >= 0) times?.splice(place, 1);
  }

  #lastHour(key: string, now: number): number[] {
    const times = this.#came.get(key) ?? [];
    this.#came.set(key, times);
    const first = times.findIndex((at) => at > now - HOUR_MS);
    times.splice(0, first < 0 ? times.length : first);
    // Of those that come after now the clock was set back.
    while ((times.at(-1) ?? 0) > now) times.pop();
    return times;
  }
}
