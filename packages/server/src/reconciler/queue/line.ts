/** A job that asks for a slot. */
export interface Applicant {
  id: string;
  owner: string;
  /** Among the jobs of its owner: the higher first. */
  priority: number;
}

/** Those who wait for a slot, as far as this server knows, by their owners. */
export class Line {
  /** Of each owner its jobs, with the number of looks at the store that had begun by the time each was stored. */
  readonly #jobs = new Map<string, Map<string, number>>();
  readonly #owners = new Map<string, string>();
  /** Those of them who are still being stored, and may not be started yet: few, in the order in which they came. */
  readonly #arriving = new Map<string, Applicant>();

  get size(): number {
    return this.#owners.size;
  }

  get owners(): number {
    return this.#jobs.size;
  }

  allOwners(are: (owner: string) => boolean): boolean {
    for (const owner of this.#jobs.keys()) if (!are(owner)) return false;
    return true;
  }

  of(owner: string): number {
    return this.#jobs.get(owner)?.size ?? 0;
  }

  /** It is being stored. */
  arrives(job: Applicant, looks: number): void {
    this.stored(job, looks);
    this.#arriving.set(job.id, job);
  }

  stored({ id, owner }: Pick<Applicant, "id" | "owner">, looks: number): void {
    this.#arriving.delete(id);
    this.#owners.set(id, owner);
    const jobs = this.#jobs.get(owner) ?? new Map<string, number>();
    this.#jobs.set(owner, jobs.set(id, looks));
  }

  /** Whose it was; null where it did not wait. */
  leaves(jobId: string): string | null {
    const owner = this.#owners.get(jobId);
    if (owner === undefined) return null;
    this.#owners.delete(jobId);
    this.#arriving.delete(jobId);
    const jobs = this.#jobs.get(owner);
    jobs?.delete(jobId);
    if (jobs?.size === 0) this.#jobs.delete(owner);
    return owner;
  }

  /** The first of each owner of whom some are being stored. */
  arriving(): Iterable<Applicant> {
    return this.#arriving.values();
  }

  /**
   * Whether it, or one of its owner's before it, is being stored. The store may have it already while who stores it has not
   * heard of that yet.
   */
  isStoring({ id, priority }: Omit<Applicant, "owner">, owner: string): boolean {
    for (const other of this.#arriving.values())
      if (other.owner === owner && (other.id <= id || other.priority > priority)) return true;
    return false;
  }

  waits(jobId: string): boolean {
    return this.#owners.has(jobId);
  }

  /** Whoever was stored before this look began, and of whose owner nobody is in its answer, waits no more: their ids. */
  dropAllBut(owners: ReadonlyMap<string, unknown>, look: number): string[] {
    return [...this.#jobs.keys()].flatMap((owner) => (owners.has(owner) ? [] : this.dropOf(owner, look)));
  }

  dropOf(owner: string, look: number, stay: ReadonlySet<string> = new Set()): string[] {
    const gone = [...(this.#jobs.get(owner) ?? [])].flatMap(([id, looks]) =>
      looks >= look || this.#arriving.has(id) || stay.has(id) ? [] : [id],
    );
    for (const id of gone) this.leaves(id);
    return gone;
  }
}
