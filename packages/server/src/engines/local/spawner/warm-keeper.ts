import type { Place } from "./place.ts";

export interface WarmKeeperOptions {
  /** Most sandboxes that wait; 0 for none. */
  most: number;
  /** So often they are looked over, and how many are needed is counted. */
  lookOverEveryMs: number;
  /** The places that wait for a job, oldest first; the pool's own list, which changes. */
  places: Place[];
  /** Throws a place away. */
  drop: (place: Place) => void;
  /** Whether the processes of a sandbox that waits are as they should be. */
  isSound: (place: Place) => boolean;
}

/** So long after the last start of a job the host is left to that job: then a sandbox is made for the next. */
const QUIET_MS = 3;
/** The same while another sandbox stands ready: most jobs are over by then, and none had to share the processors with it. */
const QUIET_WITH_REST_MS = 25;
/** A sandbox that has waited so long is thrown away, with whatever may have come over it. */
const MOST_AGE_MS = 10 * 60_000;
/** One that could not be made is not tried again at once: a job that comes meanwhile tells why. */
const AFTER_FAILURE_MS = 5000;

/**
 * Has sandboxes made ahead in places that wait, one after the other and only while no job has just come. As many as the
 * load asks for: twice as many whenever a job has found none, fewer again when some were left over from one look to the next.
 */
export class WarmKeeper implements Disposable {
  readonly #options: WarmKeeperOptions;
  #target: number;
  #lastTake = Number.NEGATIVE_INFINITY;
  #notBefore = Number.NEGATIVE_INFINITY;
  /** Fewest that stood since the last look: so many were too many. */
  #leftOver = 0;
  #making: Place | null = null;
  #timer: NodeJS.Timeout | undefined;
  readonly #looking: NodeJS.Timeout | undefined;

  constructor(options: WarmKeeperOptions) {
    this.#options = options;
    this.#target = Math.min(options.most, 2);
    if (options.most > 0) this.#looking = setInterval(() => this.#look(), options.lookOverEveryMs).unref();
  }

  /** The place for the next job: one with a sandbox, else one in which it is being made, else any. */
  take(): Place | undefined {
    const { places, most } = this.#options;
    if (most === 0) return places.shift();
    this.#lastTake = performance.now();
    const standing = places.findIndex(({ attachment }) => attachment.isStanding);
    if (standing < 0) this.#target = Math.min(this.#target * 2, most);
    const warmed = standing < 0 ? places.findIndex(({ warmedAt }) => warmedAt !== null) : standing;
    const [place] = places.splice(Math.max(warmed, 0), 1);
    this.#leftOver = Math.min(this.#leftOver, this.#standing());
    this.wake();
    return place;
  }

  /** Looks whether a sandbox is to be made; costs nothing where one is already on its way. */
  wake(): void {
    if (this.#options.most === 0 || this.#timer !== undefined || this.#making !== null) return;
    if (!this.#isDue()) return;
    const now = performance.now();
    const waitMs = Math.max(this.#lastTake + this.#quietMs() - now, this.#notBefore - now, 0);
    this.#timer = setTimeout(() => this.#tick(), waitMs).unref();
  }

  /** Throws away those that would never take a job. */
  weed(): void {
    const { places, drop, isSound } = this.#options;
    for (const place of places.filter((one) => one.attachment.isStanding && !isSound(one))) drop(place);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    clearInterval(this.#looking);
    this.#target = 0;
  }

  #tick(): void {
    this.#timer = undefined;
    if (performance.now() - this.#lastTake < this.#quietMs()) return this.wake();
    const place = this.#options.places.find(({ warmedAt }) => warmedAt === null);
    if (place && this.#isDue()) void this.#make(place);
  }

  async #make(place: Place): Promise<void> {
    this.#making = place;
    place.warm();
    const stands = await place.attachment.standing;
    this.#making = null;
    // Now, while nobody waits for it.
    if (stands) place.look();
    else this.#notBefore = performance.now() + AFTER_FAILURE_MS;
    this.wake();
  }

  #isDue(): boolean {
    const warmed = this.#options.places.filter(({ warmedAt }) => warmedAt !== null).length;
    return warmed < this.#target && warmed < this.#options.places.length;
  }

  #quietMs(): number {
    return this.#standing() > 0 ? QUIET_WITH_REST_MS : QUIET_MS;
  }

  #standing(): number {
    return this.#options.places.filter(({ attachment }) => attachment.isStanding).length;
  }

  #look(): void {
    const { places, most, drop } = this.#options;
    this.#target = Math.max(this.#target - Math.floor(this.#leftOver / 2), Math.min(most, 1));
    this.#leftOver = this.#standing();
    const oldest = performance.now() - MOST_AGE_MS;
    for (const place of places.filter(({ warmedAt }) => warmedAt !== null && warmedAt < oldest)) drop(place);
    this.weed();
    this.wake();
  }
}
