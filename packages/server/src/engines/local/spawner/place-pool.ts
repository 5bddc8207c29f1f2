import { setTimeout as delay } from "node:timers/promises";
import { abortable } from "../../../lib/signals.ts";
import { backoffMs } from "../../../lib/retry.ts";
import { EngineError } from "../../engine.ts";
import { PlaceMaker, type PlaceMakerOptions } from "./place-maker.ts";
import type { LeftFolder, Place } from "./place.ts";
import { isStopped } from "./standby.ts";
import { WarmKeeper } from "./warm-keeper.ts";

export interface PlacePoolOptions extends PlaceMakerOptions {
  /** Places to keep ready. */
  spare: number;
  /** Most of them to keep a sandbox in; 0 for none. */
  warm: number;
  /** So often those are looked over. */
  lookOverEveryMs: number;
  /** Makes none before the first is asked for. */
  isLazy: boolean;
}

/** When for so long no place has come to be, starts are refused instead of waiting on. */
const PATIENCE_MS = 5000;
/** While more than half of the places are left, the host is first left to the job that has just taken one, for so long. */
const REFILL_AFTER_MS = 25;

/**
 * Keeps places ready. Moving a process into a control group makes the kernel wait for all its readers, about 7 ms on a
 * quiet host; forking and making folders, groups and FIFOs costs another. All that is done before a job comes, and in
 * some of them the sandbox is made too.
 */
export class PlacePool implements AsyncDisposable {
  readonly #options: PlacePoolOptions;
  readonly #maker: PlaceMaker;
  readonly #ready: Place[] = [];
  readonly #keeper: WarmKeeper;
  readonly #wanted: PromiseWithResolvers<Place>[] = [];
  #underWay = 0;
  readonly #work = new Set<Promise<void>>();
  #failures = 0;
  /** When the first of the last failures in a row was, in ms of this process. */
  #failingSince = 0;
  #refilling: NodeJS.Timeout | undefined;
  #closed = false;
  /** Whether places are to be kept ready. */
  #isNeeded: boolean;

  constructor(options: PlacePoolOptions) {
    this.#options = { ...options, spare: Math.max(options.spare, options.warm) };
    this.#isNeeded = !options.isLazy;
    this.#maker = new PlaceMaker(options);
    this.#keeper = new WarmKeeper({
      most: options.warm,
      lookOverEveryMs: options.lookOverEveryMs,
      places: this.#ready,
      drop: (place) => this.#drop(place),
      isSound: ({ name }) => !isStopped(name, options.groups),
    });
    options.spawner.onRestart(() => {
      this.#maker.startOver();
      this.#fill();
    });
  }

  /** Begins to make places. */
  open(): void {
    this.#fill();
  }

  /** Places in which a sandbox waits for a job. */
  get warm(): readonly Place[] {
    return this.#ready.filter(({ attachment }) => attachment.isStanding);
  }

  /** The next ready place, with a sandbox if there is one; it is the caller's from then on. */
  async take(signal: AbortSignal): Promise<Place> {
    this.#isNeeded = true;
    const place = this.#keeper.take();
    this.#refill();
    if (place) return place;
    const wanted = Promise.withResolvers<Place>();
    this.#wanted.push(wanted);
    this.#fill();
    try {
      return await abortable(wanted.promise, signal);
    } catch (error) {
      const index = this.#wanted.indexOf(wanted);
      if (index >= 0) this.#wanted.splice(index, 1);
      else
        void wanted.promise.then(
          (late) => this.#keep(late),
          () => undefined,
        );
      throw error;
    }
  }

  /** A place around a folder that another workload has left: made now, as nobody could know of it before. */
  async takeAround(left: LeftFolder): Promise<Place> {
    if (this.#closed) throw unavailable("the engine is closed");
    const place = await this.#maker.make(left);
    if (place) return place;
    throw unavailable(this.#options.spawner.lastWords || "the spawner did not take it");
  }

  /** To be called when a sandbox was found that does not move: what has befallen one has befallen others. */
  weed(): void {
    this.#keeper.weed();
  }

  /** Removes a place that was taken and not used. */
  discard(place: Place): Promise<void> {
    return this.#maker.discard(place);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#keeper[Symbol.dispose]();
    clearTimeout(this.#refilling);
    for (const { reject } of this.#wanted.splice(0)) reject(unavailable("the engine is closed"));
    // Those that are being made end with nothing, or are thrown away as soon as they are there.
    this.#maker.abandonAll();
    await Promise.all([...this.#ready.splice(0).map((place) => this.discard(place)), ...this.#work]);
  }

  #refill(): void {
    if (this.#ready.length < this.#options.spare / 2) {
      setImmediate(() => this.#fill());
      return;
    }
    this.#refilling ??= setTimeout(() => {
      this.#refilling = undefined;
      this.#fill();
    }, REFILL_AFTER_MS).unref();
  }

  #fill(): void {
    if (this.#closed) return;
    const spare = this.#isNeeded ? this.#options.spare : 0;
    while (this.#ready.length + this.#underWay < spare + this.#wanted.length && this.#underWay <= 2 * spare) {
      this.#underWay += 1;
      const work = this.#make().finally(() => {
        this.#underWay -= 1;
        this.#work.delete(work);
        this.#fill();
      });
      this.#work.add(work);
    }
  }

  async #make(): Promise<void> {
    try {
      const place = await this.#maker.make();
      if (place && this.#closed) await this.discard(place);
      else if (place) this.#keep(place);
      else await this.#failed(new Error(this.#options.spawner.lastWords || "the spawner did not take it"));
    } catch (error) {
      await this.#failed(error);
    }
  }

  #keep(place: Place): void {
    if (this.#closed) {
      void this.discard(place);
      return;
    }
    this.#failures = 0;
    // A shim that dies while it waits is of no use to anybody.
    void place.attachment.gone.then(() => this.#drop(place));
    const wanted = this.#wanted.shift();
    if (wanted) return wanted.resolve(place);
    this.#ready.push(place);
    this.#keeper.wake();
  }

  /** Removes a place that nobody has taken. */
  #drop(place: Place): void {
    const index = this.#ready.indexOf(place);
    if (index < 0) return;
    this.#ready.splice(index, 1);
    void this.discard(place);
    this.#fill();
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#closed) return;
    if (this.#failures === 0) this.#failingSince = performance.now();
    this.#failures += 1;
    if (performance.now() - this.#failingSince > PATIENCE_MS) {
      const why = (error as Error).message;
      for (const { reject } of this.#wanted.splice(0)) reject(unavailable(why));
    }
    await delay(backoffMs(this.#failures, { maxMs: 1000 }), undefined, { ref: false });
  }
}

function unavailable(why: string): EngineError {
  return new EngineError(`Cannot start jobs on this host: ${why}`, { blame: "engine", retryable: true });
}
