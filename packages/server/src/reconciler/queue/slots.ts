/**
 * Who may run on one engine: a number of slots. Who waits for one is in the store, and who is next is asked of it, so that
 * it is never this server's memory that decides; what is kept here of those who wait is that there are some, and which
 * of them are still being stored. A job takes its place in line before it is stored, so that nobody overtakes it meanwhile.
 */
export interface SlotsOptions {
  total: number;
  start: (jobId: string) => void;
  /** The oldest queued jobs in the store, in order. Rejects when nothing is to be started any more. */
  oldest: (most: number) => Promise<readonly string[]>;
}

export class Slots {
  readonly #options: SlotsOptions;
  readonly #busy = new Set<string>();
  /** Those who wait as far as this server knows; true once the job is stored and may be started. */
  readonly #line = new Map<string, boolean>();
  #looking = false;
  #lookAgain = false;
  #open = true;

  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  get total(): number {
    return this.#options.total;
  }

  get busy(): number {
    return this.#busy.size;
  }

  get queued(): number {
    return this.#line.size;
  }

  holds(jobId: string): boolean {
    return this.#busy.has(jobId);
  }

  /** True: the slot is taken. False: the job stands in the queue. */
  reserve(jobId: string): boolean {
    if (this.#open && this.#line.size === 0 && this.#busy.size < this.total) {
      this.#busy.add(jobId);
      return true;
    }
    this.#line.set(jobId, false);
    return false;
  }

  /** A job that runs already, found after a restart: it has its slot whatever the total says. */
  occupy(jobId: string): void {
    this.#busy.add(jobId);
  }

  /** The jobs are stored: each may start when its turn comes. */
  enqueue(...jobIds: readonly string[]): void {
    for (const id of jobIds) this.#line.set(id, true);
    this.#advance();
  }

  /** Gives back the slot or the place in the queue. */
  leave(jobId: string): void {
    this.#busy.delete(jobId);
    this.#line.delete(jobId);
    this.#advance();
  }

  /** Nothing starts any more. */
  close(): void {
    this.#open = false;
  }

  #advance(): void {
    if (this.#looking) this.#lookAgain = true;
    else if (this.#mayStart()) void this.#look();
  }

  #mayStart(): boolean {
    return this.#open && this.#busy.size < this.total && this.#line.size > 0;
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      do {
        this.#lookAgain = false;
        // Those that have just been given a slot may still be queued in the store.
        this.#startFirst(await this.#options.oldest(this.total));
      } while (this.#lookAgain && this.#mayStart());
    } catch {
      // Nothing is to be started any more.
    } finally {
      this.#looking = false;
    }
  }

  #startFirst(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#busy.has(id)) continue;
      if (!this.#mayStart() || this.#waitsForStore(id)) return;
      this.#line.delete(id);
      this.#busy.add(id);
      this.#options.start(id);
    }
  }

  /**
   * It, or one before it, is being stored: ids are in the order in which they were made. The store may have it already
   * while who stores it has not heard of that yet.
   */
  #waitsForStore(id: string): boolean {
    for (const [other, isStored] of this.#line) if (!isStored && other <= id) return true;
    return false;
  }
}
