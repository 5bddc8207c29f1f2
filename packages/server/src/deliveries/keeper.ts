import { sleep } from "../lib/clock.ts";
import { behindOwner, type Delivery } from "../core/job/delivery/delivery.ts";
import type { DeliverParts, DeliverTimes } from "./deliver.ts";
import { whyHostRefused } from "../outbound/reach.ts";
import { Room, type RoomSizes } from "./room.ts";

export interface KeeperOptions extends DeliverParts {
  report: (what: string, error: unknown) => void;
  sizes?: RoomSizes;
  times?: DeliverTimes;
}

const SIZES: RoomSizes = { inAll: 32, ofOwner: 8, ofLane: 4 };
const TIMES: DeliverTimes = { timeoutMs: 15_000, leaseMs: 45_000 };
/** A clock that was set is noticed within this time. The database is not asked for it. */
const LONGEST_MS = 30_000;
/** Nothing is tried again sooner that this server could not note. */
const AFTER_FAULT_MS = 5000;
/** Lanes are asked for so many at a time. */
const PAGE = 32;
/** The clock of a host is moved by less than this all the time. */
const SET_BACK_MS = 1000;

/** Sends what jobs' ends have stored, when it is due: one timer, for what is due first, whatever its number. */
export class DeliveryKeeper implements AsyncDisposable {
  readonly #options: KeeperOptions;
  readonly #stop = new AbortController();
  readonly #room: Room;
  readonly #sending = new Set<Promise<void>>();
  #running: Promise<void> = Promise.resolve();
  #hint = Promise.withResolvers<void>();
  #hasNews = true;
  /** The lane that was served last: the next look begins behind it. */
  #last: string | null = null;
  #looked: number;
  /** When something is due that nobody was told of; null for nothing. */
  #nextAt: number | null = null;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#room = new Room(options.sizes ?? SIZES);
    this.#looked = Infinity;
  }

  start(): void {
    this.#running = this.#loop();
  }

  /** Something may be due, or due sooner. */
  wake(): void {
    this.#hasNews = true;
    this.#hint.resolve();
  }

  /** Why nothing will ever be sent there as it is written; null where it may be. */
  whyRefused(url: string): string | null {
    return whyHostRefused(url, this.#options.reach);
  }

  /** What is under way is cut, and noted. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the server is going down"));
    this.#hint.resolve();
    await this.#running;
    await Promise.all(this.#sending);
  }

  async #loop(): Promise<void> {
    const { report, clock } = this.#options;
    while (!this.#stop.signal.aborted) {
      this.#hint = Promise.withResolvers();
      try {
        await this.#look();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        report("look for deliveries that are due", error);
        this.#hasNews = true;
        this.#nextAt = clock.now() + LONGEST_MS;
      }
      await this.#wait();
    }
  }

  async #look(): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock.now();
    const { leaseMs } = this.#options.times ?? TIMES;
    if (this.#looked === Infinity) await store.deliveries.takeUp({ now, until: now + leaseMs });
    // What an earlier server has put off by a clock that was ahead, too.
    if (now < this.#looked - SET_BACK_MS) await store.deliveries.setBack(now);
    this.#looked = now;
    if (!this.#hasNews && (this.#nextAt === null || now < this.#nextAt)) return;
    // Who has sent one says so.
    this.#hasNews = this.#room.isFull;
    this.#nextAt = null;
    if (this.#room.isFull) return;
    const from = this.#last;
    await this.#serve(now, from);
    if (from !== null && !this.#room.isFull) await this.#serve(now, null);
    this.#nextAt = await store.deliveries.firstAfter(now);
  }

  /** Of the lanes behind this one, as many as there is room for. */
  async #serve(now: number, from: string | null): Promise<void> {
    const { deliveries } = this.#options.store;
    for (let after = from; ; ) {
      const lanes = await deliveries.dueLanes(now, { after, most: PAGE });
      if (lanes.length === 0) return;
      for (const lane of lanes) {
        if (this.#stop.signal.aborted || this.#room.isFull) return;
        after = this.#room.hasOwnerAll(lane) ? behindOwner(lane) : lane;
        // An owner may have lanes without number: none of them is looked at then.
        if (after !== lane) break;
        const free = this.#room.freeIn(lane);
        if (free === 0) continue;
        const due = await deliveries.due(now, { lane, most: free + this.#room.busyIn(lane) });
        for (const one of due.filter((each) => !this.#room.holds(each)).slice(0, free)) this.#send(one);
        this.#last = lane;
      }
    }
  }

  #send(delivery: Delivery): void {
    const release = this.#room.take(delivery);
    const sent = this.#deliver(delivery).finally(() => {
      release();
      this.#sending.delete(sent);
      this.wake();
    });
    this.#sending.add(sent);
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { times = TIMES, report, clock } = this.#options;
    try {
      // Few servers send any: what it takes is loaded with the first one.
      const { deliver } = await import("./deliver.ts");
      await deliver({ ...this.#options, ...times }, delivery, this.#stop.signal);
    } catch (error) {
      report(`send delivery "${delivery.id}"`, error);
      // As while nothing can be written: its place stays taken, for it is due all the same.
      await sleep(AFTER_FAULT_MS, { signal: this.#stop.signal, clock }).catch(() => undefined);
    }
  }

  async #wait(): Promise<void> {
    const { clock } = this.#options;
    const ms = Math.min(LONGEST_MS, Math.max(0, (this.#nextAt ?? Infinity) - clock.now()));
    const over = new AbortController();
    const slept = sleep(ms, { signal: over.signal, clock }).catch(() => undefined);
    await Promise.race([slept, this.#hint.promise]);
    over.abort();
    await slept;
  }
}
