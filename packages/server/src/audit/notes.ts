import type { AuditEntry } from "../core/audit/record.ts";
import { networkOf } from "../core/caller/network-of.ts";
import type { Clock } from "../lib/clock.ts";
import type { AuditStore } from "../store/audit-store.ts";

/** Equal ones within this time become one record with their number. */
const WINDOW_MS = 10_000;
/** Different ones that are counted at a time. */
const MOST_OPEN = 1000;
/** Of one caller within a window: whoever tries a thousand names leaves a few records, and a number. */
const MOST_OF_ONE = 20;
/** Records that wait for a database that is away. */
const MOST_WAITING = 5000;
const TRY_AGAIN_MS = 1000;

interface Window {
  entry: AuditEntry;
  /** How many came after the first, which is stored. */
  more: number;
  until: number;
}

/**
 * Stores notes: the first of its kind at once, and at the end of ten seconds how many more of the kind came. A flood takes two
 * records, and none of it is lost.
 */
export class Notes implements AsyncDisposable {
  readonly #audit: Pick<AuditStore, "append">;
  readonly #clock: Pick<Clock, "now" | "setTimer">;
  readonly #report: (what: string, error: unknown) => void;
  readonly #windows = new Map<string, Window>();
  readonly #ofCaller = new Map<string, number>();
  #waiting: AuditEntry[] = [];
  #storing: Promise<void> | null = null;
  #cancel: (() => void) | null = null;
  #isClosed = false;

  constructor({
    audit,
    clock,
    report,
  }: {
    audit: Pick<AuditStore, "append">;
    clock: Pick<Clock, "now" | "setTimer">;
    report: (what: string, error: unknown) => void;
  }) {
    this.#audit = audit;
    this.#clock = clock;
    this.#report = report;
  }

  add(entry: AuditEntry): void {
    const caller = keyOfCaller(entry);
    const exact = `${caller} ${JSON.stringify([entry.verb, entry.resource, entry.name, entry.outcome, entry.about])}`;
    if (this.#count(exact)) return;
    const { key, kept } = this.#widened(entry, { caller, exact });
    if (key !== exact && this.#count(key)) return;
    this.#windows.set(key, { entry: kept, more: 0, until: this.#clock.now() + WINDOW_MS });
    this.#store(kept);
    this.#cancel ??= this.#clock.setTimer(this.#clock.now() + WINDOW_MS, () => this.#sweep());
  }

  /** Stores what has been counted, and all that waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancel?.();
    this.#closeWindows(Number.POSITIVE_INFINITY);
    this.#isClosed = true;
    await this.#storing;
  }

  /** As it is, or, in a flood, without what whoever sends it varies: the name of the object, or who it is. */
  #widened(
    entry: AuditEntry,
    { caller, exact }: { caller: string; exact: string },
  ): { key: string; kept: AuditEntry } {
    const { door, verb, resource } = entry;
    if (this.#windows.size >= MOST_OPEN) {
      const nobody = { account: null, credential: null, address: null, requestId: null, name: null };
      return { key: JSON.stringify([door, verb, resource]), kept: { ...entry, ...nobody } };
    }
    const ofCaller = this.#ofCaller.get(caller) ?? 0;
    if (ofCaller >= MOST_OF_ONE) return { key: `${caller} ${resource}`, kept: { ...entry, name: null } };
    this.#ofCaller.set(caller, ofCaller + 1);
    return { key: exact, kept: entry };
  }

  #count(key: string): boolean {
    const window = this.#windows.get(key);
    if (window === undefined) return false;
    window.more += 1;
    return true;
  }

  #sweep(): void {
    this.#cancel = null;
    this.#closeWindows(this.#clock.now());
    const [next] = this.#windows.values();
    if (next !== undefined) this.#cancel = this.#clock.setTimer(next.until, () => this.#sweep());
  }

  #closeWindows(now: number): void {
    for (const [key, { entry, more, until }] of this.#windows) {
      if (until > now) continue;
      this.#windows.delete(key);
      if (more > 0) this.#store({ ...entry, at: this.#clock.now(), count: more });
    }
    if (this.#windows.size === 0) this.#ofCaller.clear();
  }

  #store(entry: AuditEntry): void {
    if (this.#isClosed) return;
    this.#waiting.push(entry);
    this.#start();
  }

  #start(): void {
    if (this.#waiting.length === 0) return;
    this.#storing ??= this.#storeAll().finally(() => (this.#storing = null));
  }

  async #storeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, 100);
      try {
        await this.#audit.append(batch);
      } catch (error) {
        this.#report(`Cannot record ${batch.length} refusals`, error);
        this.#waiting = [...batch, ...this.#waiting].slice(0, MOST_WAITING);
        // Nobody else would try again.
        this.#clock.setTimer(this.#clock.now() + TRY_AGAIN_MS, () => this.#start());
        return;
      }
    }
  }
}

function keyOfCaller({ account, door, credential, address }: AuditEntry): string {
  return JSON.stringify([account, door, credential?.kind, credential?.id, networkOf(address)]);
}
