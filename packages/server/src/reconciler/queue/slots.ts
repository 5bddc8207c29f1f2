/**
 * Who may run: a number of slots, and in front of them a queue, first in first out. A job takes its place in line
 * before it is stored, so that nobody overtakes it while the disk is written.
 */
export class Slots {
  readonly total: number;
  readonly #start: (jobId: string) => void;
  readonly #busy = new Set<string>();
  /** Waiting jobs in order; true once the job is stored and may be started. */
  readonly #queue = new Map<string, boolean>();
  #open = true;

  constructor(options: { total: number; start: (jobId: string) => void }) {
    this.total = options.total;
    this.#start = options.start;
  }

  get busy(): number {
    return this.#busy.size;
  }

  get queued(): number {
    return this.#queue.size;
  }

  holds(jobId: string): boolean {
    return this.#busy.has(jobId);
  }

  /** True: the slot is taken. False: the job stands in the queue. */
  reserve(jobId: string): boolean {
    if (this.#open && this.#queue.size === 0 && this.#busy.size < this.total) {
      this.#busy.add(jobId);
      return true;
    }
    this.#queue.set(jobId, false);
    return false;
  }

  /** A job that runs already, found after a restart: it has its slot whatever the total says. */
  occupy(jobId: string): void {
    this.#busy.add(jobId);
  }

  /** The job is stored: it may start when its turn comes. */
  enqueue(jobId: string): void {
    this.#queue.set(jobId, true);
    this.#advance();
  }

  /** Gives back the slot or the place in the queue. */
  leave(jobId: string): void {
    this.#busy.delete(jobId);
    this.#queue.delete(jobId);
    this.#advance();
  }

  /** Nothing starts any more. */
  close(): void {
    this.#open = false;
  }

  #advance(): void {
    while (this.#open && this.#busy.size < this.total) {
      const [first] = this.#queue;
      if (!first?.[1]) return;
      const [jobId] = first;
      this.#queue.delete(jobId);
      this.#busy.add(jobId);
      this.#start(jobId);
    }
  }
}
