import { FairShare } from "../../core/queue/fair-share.ts";
import { type Applicant, Line } from "./line.ts";

/**
 * Who may run on one engine: a number of slots. Who waits for one is in the store, and who is next is asked of it, so that
 * it is never this server's memory that decides; what is kept here of those who wait is that there are some, whose they
 * are, and which of them are still being stored. A job takes its place in line before it is stored, so that none of its owner's
 * overtakes it meanwhile. Among owners the slots are shared fairly.
 */
export interface SlotsOptions {
  total: number;
  start: (jobId: string) => void;
  /** The first queued job of each owner, by owner, from behind `after` on. Rejects when nothing is to be started any more. */
  heads: (page: { after: string | null; most: number }) => Promise<readonly Applicant[]>;
  /** The first queued jobs of an owner, in order. Rejects as well. */
  ofOwner: (page: { owner: string; most: number }) => Promise<readonly Omit<Applicant, "owner">[]>;
  /** It waits no more, and nobody has said so: it was ended or deleted in the store by somebody else, or by halves. */
  gone: (jobId: string) => void;
  /** Whether this owner may not run this job now, whatever is free; null: any job. */
  isFull: (owner: string, jobId: string | null) => boolean;
  /** Whether this owner may not run this job whatever else runs: others of its owner's pass it. */
  isTooLarge: (owner: string, jobId: string) => boolean;
  /** Another number whenever some owner may have more than before. */
  freed: () => number;
  /** A job has its slot, and gives it back. */
  begins: (job: Pick<Applicant, "id" | "owner">) => void;
  ends: (jobId: string) => void;
  /** In ms, of a clock that nobody sets. */
  now: () => number;
}

/** Owners that are looked at in one breath; where more wait, the next look goes on behind them. */
const OWNERS = 1000;

type Passed = Omit<Applicant, "owner">;

/** `isLast`: all of its owner's that wait are too large. */
type Kept = Passed & { isLast?: true };

export class Slots {
  readonly #options: SlotsOptions;
  /** With their owners. */
  readonly #busy = new Map<string, string>();
  readonly #line = new Line();
  readonly #share = new FairShare();
  /** Of owners who have not room for it the next job, as the last look found it. */
  readonly #kept = new Map<string, Kept>();
  /** What `freed` was when all who wait were found to have all that they may have, for as long as that holds for each of them. */
  #fullAt: number | null = null;
  /** The last owner of the look before, where there were more. */
  #after: string | null = null;
  #looks = 0;
  #looking = false;
  #lookAgain = false;
  /** How often looks have come to the last owner since something was started or has changed. */
  #ends = 0;
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

  /** Owners of whom some wait. */
  get owners(): number {
    return this.#line.owners;
  }

  waitingOf(owner: string): number {
    return this.#line.of(owner);
  }

  runningOf(owner: string): number {
    return this.#share.running(owner);
  }

  holds(jobId: string): boolean {
    return this.#busy.has(jobId);
  }

  /** True: the slot is taken. False: the job stands in the queue. */
  reserve(job: Applicant): boolean {
    const isFree = this.#open && this.#busy.size < this.total;
    const isFirst = this.#line.of(job.owner) === 0;
    if (isFree && isFirst && !this.#options.isFull(job.owner, job.id) && this.#nobodyMayGoBefore()) {
      this.occupy(job);
      return true;
    }
    this.#line.arrives(job, this.#looks);
    this.#passKept(job);
    this.#ask(job.owner);
    return false;
  }

  /** One that comes may be one that there is room for, where it goes before the one that there was none for. */
  #passKept({ owner, priority }: Applicant): void {
    const kept = this.#kept.get(owner);
    if (kept === undefined) return;
    if (priority > kept.priority || this.#options.isTooLarge(owner, kept.id)) this.#kept.delete(owner);
  }

  /** A job that runs already, found after a restart: it has its slot whatever the total says. */
  occupy({ id, owner }: Pick<Applicant, "id" | "owner">): void {
    this.#busy.set(id, owner);
    this.#share.begin(owner, this.#options.now());
    this.#options.begins({ id, owner });
  }

  /** The jobs are stored: each may start when its turn comes. */
  enqueue(jobs: Iterable<Pick<Applicant, "id" | "owner">>): void {
    for (const job of jobs) {
      this.#line.stored(job, this.#looks);
      this.#ask(job.owner);
    }
    this.#advance();
  }

  /** Gives back the slot or the place in the queue. */
  leave(jobId: string): void {
    const owner = this.#busy.get(jobId);
    this.#busy.delete(jobId);
    if (owner !== undefined) {
      this.#share.end(owner, this.#options.now());
      this.#options.ends(jobId);
    }
    const waited = this.#line.leaves(jobId);
    if (waited !== null) this.#ask(waited);
    this.#advance();
  }

  /** Nothing starts any more. */
  close(): void {
    this.#open = false;
  }

  /** Those who wait have all that they may have, and nobody else is kept waiting for them. */
  #nobodyMayGoBefore(): boolean {
    return this.#line.size === 0 || this.#allAreFull();
  }

  #allAreFull(): boolean {
    const freed = this.#options.freed();
    if (this.#fullAt === freed) return true;
    const areFull = this.#line.allOwners((owner) => this.#isFull(owner));
    this.#fullAt = areFull ? freed : null;
    return areFull;
  }

  #isFull(owner: string): boolean {
    const kept = this.keptOf(owner);
    // What has become too large since the last look keeps the others of its owner waiting no more.
    const isPassed = kept !== null && this.#kept.get(owner)?.isLast !== true && this.#isPassed(owner, kept);
    return this.#options.isFull(owner, isPassed ? null : kept);
  }

  /** The jobs of this owner that wait have changed: it alone is asked about, and not all the others again. */
  #ask(owner: string): void {
    if (this.#fullAt !== null && this.#line.of(owner) > 0 && !this.#isFull(owner)) this.#fullAt = null;
  }

  /** The next job of an owner where the last look found no room for it in what its owner may have; null where it did not. */
  keptOf(owner: string): string | null {
    const kept = this.#kept.get(owner);
    if (kept === undefined || this.#line.waits(kept.id)) return kept?.id ?? null;
    this.#kept.delete(owner);
    return null;
  }

  /** Whether this one may start as far as its owner's quotas go; what may not is kept in mind until it leaves. */
  #hasRoom({ owner, id, priority }: Applicant): boolean {
    if (this.#isPassed(owner, id)) return !this.#options.isFull(owner, null);
    const isFull = this.#options.isFull(owner, id);
    if (isFull && !this.#line.isStoring({ id, priority }, owner)) this.#kept.set(owner, { id, priority });
    else this.#kept.delete(owner);
    this.#ask(owner);
    return !isFull;
  }

  /** It is the first of its owner's, and not the one that is next. */
  #isPassed(owner: string, id: string): boolean {
    return this.#busy.has(id) || this.#options.isTooLarge(owner, id);
  }

  /** Something has changed of what owners may have. */
  lookAgain(): void {
    this.#advance();
  }

  #advance(): void {
    this.#ends = 0;
    if (this.#looking) this.#lookAgain = true;
    else if (this.#mayStart() && !this.#allAreFull()) void this.#look();
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
      } while (this.#lookAgain && this.#mayStart() && !this.#allAreFull());
    } catch {
      // Nothing is to be started any more.
    } finally {
      this.#looking = false;
    }
  }

  async #lookOnce(): Promise<void> {
    this.#looks += 1;
    const look = this.#looks;
    const after = this.#after;
    const heads = await this.#options.heads({ after, most: OWNERS });
    const isLast = heads.length < OWNERS;
    this.#after = isLast ? null : (heads.at(-1)?.owner ?? null);
    // What is dropped may be what kept its owner waiting.
    this.#fullAt = null;
    if (isLast && after === null)
      this.#line
        .dropAllBut(new Map(heads.map((head) => [head.owner, head])), look)
        .forEach(this.#options.gone);
    const isEnd = await this.#startNext(this.#mayHaveOne(heads), look);
    // The next page is the first one again, until all have been looked at: from where this began on, and before it.
    if (isLast) this.#ends += after === null ? 2 : 1;
    if (isLast ? this.#ends < 2 : isEnd) this.#lookAgain = true;
  }

  /** Of each owner who may run one more its first job, those that are being stored among them. */
  #mayHaveOne(heads: readonly Applicant[]): Map<string, Applicant> {
    const waiting = new Map<string, Applicant>();
    const stored = new Set<string>();
    for (const head of heads) {
      stored.add(head.owner);
      if (this.#hasRoom(head)) waiting.set(head.owner, head);
    }
    for (const one of this.#line.arriving())
      if (!stored.has(one.owner) && !waiting.has(one.owner) && !this.#options.isFull(one.owner, one.id))
        waiting.set(one.owner, one);
    return waiting;
  }

  /** Whether there is nobody else to start. Those that have just been given a slot may still be queued in the store. */
  async #startNext(waiting: Map<string, Applicant>, look: number): Promise<boolean> {
    while (this.#mayStart()) {
      const first = this.#share.next(waiting.values(), this.#options.now());
      if (first === null) return true;
      const { owner } = first;
      const { next, tooLarge } = this.#isPassed(owner, first.id)
        ? await this.#nextOf(owner)
        : { next: first, tooLarge: [] };
      if (next === null) {
        waiting.delete(owner);
        this.#nothingNext(owner, { tooLarge, look });
        continue;
      }
      if (!this.#mayStart()) return false;
      // It, or one before it, is being stored: whoever stores that one has us look again, and nobody else waits for that.
      if (this.#line.isStoring(next, owner) || !this.#hasRoom({ ...next, owner })) {
        waiting.delete(owner);
        continue;
      }
      this.#line.leaves(next.id);
      this.#ends = 0;
      this.occupy({ id: next.id, owner });
      this.#ask(owner);
      // Nobody else of its owner's, as far as is known, or none that it may have: the store is not asked for each of them.
      if (this.#line.of(owner) === 0 || this.#options.isFull(owner, null)) waiting.delete(owner);
      this.#options.start(next.id);
    }
    return false;
  }

  /** Nobody of this owner's can be started: where some are too large for what it may have, they wait until that is raised. */
  #nothingNext(owner: string, { tooLarge, look }: { tooLarge: readonly Passed[]; look: number }): void {
    const stay = new Set(tooLarge.map(({ id }) => id));
    this.#line.dropOf(owner, look, stay).forEach(this.#options.gone);
    const [kept] = tooLarge;
    if (kept !== undefined) this.#kept.set(owner, { ...kept, isLast: true });
    this.#ask(owner);
  }

  /** The first that does not run and is not too large, and those that it passes. */
  async #nextOf(owner: string): Promise<{ next: Passed | null; tooLarge: readonly Passed[] }> {
    for (let most = this.#share.running(owner) + 1; ; most *= 2) {
      const jobs = await this.#options.ofOwner({ owner, most });
      const idle = jobs.filter(({ id }) => !this.#busy.has(id));
      const next = idle.find(({ id }) => !this.#options.isTooLarge(owner, id)) ?? null;
      if (next !== null || jobs.length < most) return { next, tooLarge: idle };
    }
  }
}
