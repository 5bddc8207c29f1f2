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
  /** It waits no more, and nobody has said so: it was ended or deleted in the store by somebody else, or by halves. */
  gone: (jobId: string) => void;
}

export class Slots {
  readonly #options: SlotsOptions;
  readonly #busy = new Set<string>();
  /** Those who wait as far as this server knows, with the number of looks that had begun by the time each was stored. */
  readonly #line = new Map<string, number>();
  /** Those of them who are still being stored, and may not be started yet: few, in the order in which they came. */
  readonly #arriving = new Set<string>();
  #looks = 0;
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
    this.#line.set(jobId, this.#looks);
    this.#arriving.add(jobId);
    return false;
  }

  /** A job that runs already, found after a restart: it has its slot whatever the total says. */
  occupy(jobId: string): void {
    this.#busy.add(jobId);
  }

  /** The jobs are stored: each may start when its turn comes. */
  enqueue(jobIds: Iterable<string>): void {
    for (const id of jobIds) {
      this.#line.set(id, this.#looks);
      this.#arriving.delete(id);
    }
    this.#advance();
  }

  /** Gives back the slot or the place in the queue. */
  leave(jobId: string): void {
    this.#busy.delete(jobId);
    this.#line.delete(jobId);
    this.#arriving.delete(jobId);
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
        await this.#lookOnce();
      } while (this.#lookAgain && this.#mayStart());
    } catch {
      // Nothing is to be started any more.
    } finally {
      this.#looking = false;
    }
  }

  async #lookOnce(): Promise<void> {
    this.#looks += 1;
    // Those that have just been given a slot may still be queued in the store.
    const ids = await this.#options.oldest(this.total);
    // These are all, then, and the line is about as short.
    if (ids.length < this.total) this.#dropGone(new Set(ids), this.#looks);
    this.#startFirst(ids);
  }

  /** Whoever was stored before this look began, and is not in its answer, waits no more. */
  #dropGone(waiting: ReadonlySet<string>, look: number): void {
    for (const [id, looksBefore] of this.#line) {
      if (looksBefore >= look || waiting.has(id) || this.#arriving.has(id)) continue;
      this.#line.delete(id);
      this.#options.gone(id);
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
    for (const other of this.#arriving) if (other <= id) return true;
    return false;
  }
}
