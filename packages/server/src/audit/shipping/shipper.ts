import type { AuditRecord } from "@berth/protocol";
import { shownRecord } from "../../core/audit/shown-record.ts";
import type { Clock } from "../../lib/clock.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import { backoffMs } from "../../lib/retry.ts";
import type { AuditStore, ShippedPosition, ShippingStore, StoredRecord } from "../../store/audit-store.ts";
import type { Target } from "./target.ts";

export interface ShipperOptions {
  target: Target;
  audit: Pick<AuditStore, "chains" | "behind">;
  shipping: ShippingStore;
  clock: Pick<Clock, "now" | "setTimer">;
  report: (what: string, error: unknown) => void;
  /** Longest wait after a failure. */
  patienceMs?: number;
  /** How long records that come one after the other wait for each other. */
  gatherMs?: number;
}

/** In memory at once, of a trail that may be days behind. */
const PAGE = 200;
const BATCH_CHARACTERS = 256 * 2 ** 10;
const PATIENCE_MS = 60_000;
const BASE_MS = 500;
const GATHER_MS = 200;
/** To look whether another server still ships, and for chains of others. */
const LOOK_AGAIN_MS = 15_000;

/**
 * Ships the trail to one target, in order, from where the target is, which is stored once it has said so: what was sent and not
 * noted is sent again. While the other side is down nothing is held here, for it lies in the store.
 */
export class Shipper implements AsyncDisposable {
  readonly #options: ShipperOptions;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  #hasNews = true;
  #isClaimed = false;
  /** The last record of what was sent and not taken: it is sent again as it was, also where there is more by now. */
  #tried: StoredRecord | null = null;
  #resume: (() => void) | null = null;
  #fault: { since: number; why: string } | null = null;
  /** When the target took some last, or, before that, when this began: what waits has waited since then. */
  #tookAt: number;

  constructor(options: ShipperOptions) {
    this.#options = options;
    this.#tookAt = options.clock.now();
    this.#running = this.#run();
  }

  get target(): Target {
    return this.#options.target;
  }

  /** Since when, and why, nothing gets there; null where it does, or there is nothing. */
  get fault(): { since: number; why: string } | null {
    return this.#fault;
  }

  get tookAt(): number {
    return this.#tookAt;
  }

  /** There are new records. Costs nothing while it ships or waits for the other side. */
  wake(): void {
    this.#hasNews = true;
    this.#resume?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new Error("the server is going down"));
    this.#resume?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    for (let failures = 0; !signal.aborted; ) {
      try {
        this.#hasNews = false;
        await this.#shipAll();
        failures = 0;
        this.#fault = null;
        await this.#rest();
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#note(error);
        const { patienceMs = PATIENCE_MS } = this.#options;
        await this.#pause(backoffMs(failures, { baseMs: BASE_MS, maxMs: patienceMs }), { canBeWoken: false });
      }
    }
  }

  /** Told once: each try would say the same. */
  #note(error: unknown): void {
    const { target, clock, report } = this.#options;
    const why = error instanceof Error ? error.message : String(error);
    if (this.#fault === null)
      report(`Cannot ship audit records to ${target.place}: they wait in the database`, error);
    this.#fault = { since: this.#fault?.since ?? clock.now(), why };
  }

  async #shipAll(): Promise<void> {
    const { target, audit, shipping } = this.#options;
    this.#isClaimed ||= await shipping.claim(target.name);
    if (!this.#isClaimed) return;
    const positions = await shipping.positions(target.name);
    for (const chain of await audit.chains())
      await this.#shipChain(chain, positions.get(chain) ?? { seq: 0, n: 0 });
  }

  async #shipChain(chain: string, from: ShippedPosition): Promise<void> {
    const { target, audit, shipping } = this.#options;
    const { signal } = this.#ending;
    let at = from;
    for (;;) {
      const records = await audit.behind(chain, at, PAGE);
      if (records.length === 0) return;
      for (const { batch, last } of batchesOf(records, this.#tried)) {
        signal.throwIfAborted();
        this.#tried = last;
        await target.send(batch, signal);
        this.#fault = null;
        this.#tookAt = this.#options.clock.now();
        crashPoint("audit-sent");
        this.#isClaimed = await shipping.advance(target.name, last);
        if (!this.#isClaimed) throw new Error("another server ships by now");
        crashPoint("audit-noted");
        this.#tried = null;
        at = last;
      }
    }
  }

  async #rest(): Promise<void> {
    if (!this.#hasNews) await this.#pause(LOOK_AGAIN_MS, { canBeWoken: true });
    const { gatherMs = GATHER_MS } = this.#options;
    await this.#pause(gatherMs, { canBeWoken: false });
  }

  async #pause(ms: number, { canBeWoken }: { canBeWoken: boolean }): Promise<void> {
    const { signal } = this.#ending;
    if (signal.aborted) return;
    const { clock } = this.#options;
    await new Promise<void>((resolve) => {
      const cancel = clock.setTimer(clock.now() + ms, resolve);
      this.#resume = () => {
        if (!canBeWoken && !signal.aborted) return;
        cancel();
        resolve();
      };
    });
    this.#resume = null;
  }
}

/** As many as go in one message; one ends with what was tried. */
function* batchesOf(
  records: readonly StoredRecord[],
  tried: StoredRecord | null,
): Generator<{ batch: AuditRecord[]; last: StoredRecord }, undefined> {
  let batch: AuditRecord[] = [];
  let characters = 0;
  for (const [index, record] of records.entries()) {
    batch.push(shownRecord(record));
    characters += record.text.length;
    const isFull = characters >= BATCH_CHARACTERS || index === records.length - 1;
    if (!isFull && !isSame(record, tried)) continue;
    yield { batch, last: record };
    batch = [];
    characters = 0;
  }
  return undefined;
}

function isSame(record: StoredRecord, other: StoredRecord | null): boolean {
  return other !== null && record.chain === other.chain && record.seq === other.seq && record.n === other.n;
}
