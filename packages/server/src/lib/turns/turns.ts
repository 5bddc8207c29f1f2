/** Turns that one round of the event loop gives when the rounds before were quick, and when they were not. */
const mostInQuickRound = 8;
const mostInSlowRound = 1;
const quickRoundMs = 5;
/** Rounds in a row that give none while connections come. */
const mostRoundsHeldBack = 16;

/**
 * Lets work of many on the event loop, one after another: whoever asked for much waits behind those who asked for little.
 * Between two rounds the loop does everything else.
 */
export class Turns {
  /** In the order in which they come next. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #passed = 0;
  #isScheduled = false;
  #roundAt = 0;
  #hasArrived = false;
  #heldBack = 0;

  /**
   * Resolves when it is the turn of `who`, never before what has arrived already was looked at: a request that its
   * client has taken back is known by then. The caller looks at the signal of its call after waiting.
   */
  take(who: string): Promise<void> {
    const turn = Promise.withResolvers<void>();
    const known = this.#waiting.get(who);
    if (known) known.push(turn.resolve);
    else this.#waiting.set(who, [turn.resolve]);
    this.#schedule();
    return turn.promise;
  }

  /** The same for a small piece of work that is one of many: at once while few have done so in this round. */
  async pass(who: string): Promise<void> {
    if (this.#waiting.size > 0 || this.#passed >= mostInQuickRound) return await this.take(who);
    this.#passed += 1;
    this.#schedule();
  }

  /**
   * A connection has come. A round of the loop takes in one of a door's, and who is behind a hundred of them would wait for a
   * hundred rounds with all their turns: while they come there are fewer.
   */
  arrive(): void {
    this.#hasArrived = true;
  }

  /** Those who wait. */
  get size(): number {
    let size = 0;
    for (const { length } of this.#waiting.values()) size += length;
    return size;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#hasArrived = false;
    setImmediate(() => this.#round());
  }

  /** Whether this round is left to those who come. */
  #holdsBack(): boolean {
    this.#heldBack = this.#hasArrived && this.#heldBack < mostRoundsHeldBack ? this.#heldBack + 1 : 0;
    return this.#heldBack > 0;
  }

  #round(): void {
    const now = performance.now();
    const isQuick = now - this.#roundAt < quickRoundMs && !this.#hasArrived;
    const most = isQuick ? mostInQuickRound : mostInSlowRound;
    this.#roundAt = now;
    this.#isScheduled = false;
    this.#passed = 0;
    if (this.#holdsBack()) return this.#schedule();
    for (let given = 0; given < most; given += 1) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const [who, turns] = next;
      this.#waiting.delete(who);
      const turn = turns.shift();
      // Behind all others.
      if (turns.length > 0) this.#waiting.set(who, turns);
      turn?.();
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}
