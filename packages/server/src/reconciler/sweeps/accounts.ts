interface Account<Job> {
  bytes: number;
  /** Oldest first. */
  finished: { job: Job; bytes: number }[];
  next: number;
}

/** Who holds how much, and which job goes next when all together hold too much. */
export class Accounts<Job> {
  readonly #accounts = new Map<string, Account<Job>>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** To be called oldest first. */
  addFinished(job: Job, { owner, bytes }: { owner: string; bytes: number }): void {
    this.#add(owner, bytes).finished.push({ job, bytes });
  }

  /** What a job holds that has not ended counts, and cannot go. */
  addRunning({ owner, bytes }: { owner: string; bytes: number }): void {
    this.#add(owner, bytes);
  }

  /**
   * The oldest finished job of the owner who holds most. null when nobody who holds more than an equal share of
   * `keepBytes` has one: then it is what runs that is too much, and nobody else pays for it.
   */
  takeNext(keepBytes: number): Job | null {
    const share = keepBytes / this.#accounts.size;
    let largest: Account<Job> | null = null;
    for (const account of this.#accounts.values()) {
      const canGo = account.next < account.finished.length && account.bytes > share;
      if (canGo && (largest === null || account.bytes > largest.bytes)) largest = account;
    }
    const entry = largest?.finished[largest.next];
    if (!largest || !entry) return null;
    largest.next += 1;
    largest.bytes -= entry.bytes;
    this.#total -= entry.bytes;
    return entry.job;
  }

  #add(owner: string, bytes: number): Account<Job> {
    const account = this.#accounts.get(owner) ?? { bytes: 0, finished: [], next: 0 };
    this.#accounts.set(owner, account);
    account.bytes += bytes;
    this.#total += bytes;
    return account;
  }
}
