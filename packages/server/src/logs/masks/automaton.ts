const ASTERISK = 0x2a;
/** A state with more children than this has them by byte. */
const FEW = 4;

/**
 * Finds all patterns in one pass (Aho-Corasick), in a time that depends on the length of what is searched alone. A few bytes
 * for each byte of the patterns, as most of its states have one child.
 */
export class Automaton {
  /** Of the longest pattern. */
  readonly longest: number;
  readonly #byte: Uint8Array;
  /** First child, next child of the same parent, and where to go on when no child fits; 0 is the root, and none. */
  readonly #child: Int32Array;
  readonly #sibling: Int32Array;
  readonly #fail: Int32Array;
  /** How much of a pattern has been seen, and of the longest pattern that ends here. */
  readonly #depth: Uint16Array;
  readonly #ends: Uint16Array;
  /** Which row of `rows` a state has, counted from 1; 0 for none. */
  readonly #wide: Uint16Array;
  readonly #rows: Int32Array[] = [];
  readonly #first = new Int32Array(256);
  #states = 1;

  constructor(patterns: readonly Uint8Array[]) {
    const room = patterns.reduce((sum, { length }) => sum + length, 1);
    this.longest = patterns.reduce((most, { length }) => Math.max(most, length), 0);
    this.#byte = new Uint8Array(room);
    this.#child = new Int32Array(room);
    this.#sibling = new Int32Array(room);
    this.#fail = new Int32Array(room);
    this.#depth = new Uint16Array(room);
    this.#ends = new Uint16Array(room);
    this.#wide = new Uint16Array(room);
    for (const pattern of patterns) this.#add(pattern);
    this.#widen();
    this.#link();
  }

  /** About what it holds in memory. */
  get bytes(): number {
    return this.#byte.length * 19 + this.#rows.length * 1024;
  }

  /**
   * Puts asterisks over all that is in a pattern, and returns how many bytes of the end begin one: whether they are to be
   * shown only what comes next can tell.
   */
  mask(bytes: Uint8Array): number {
    let state = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      state = state === 0 ? (this.#first[byte] ?? 0) : this.#step(state, byte);
      if (state === 0) continue;
      const length = this.#ends[state] ?? 0;
      if (length > 0) bytes.fill(ASTERISK, at + 1 - length, at + 1);
    }
    return this.#depth[state] ?? 0;
  }

  #step(from: number, byte: number): number {
    let state = from;
    while (state !== 0) {
      const next = this.#next(state, byte);
      if (next !== 0) return next;
      state = this.#fail[state] ?? 0;
    }
    return this.#first[byte] ?? 0;
  }

  #next(state: number, byte: number): number {
    const wide = this.#wide[state] ?? 0;
    if (wide > 0) return this.#rows[wide - 1]?.[byte] ?? 0;
    let child = this.#child[state] ?? 0;
    while (child !== 0 && this.#byte[child] !== byte) child = this.#sibling[child] ?? 0;
    return child;
  }

  #add(pattern: Uint8Array): void {
    let state = 0;
    for (const byte of pattern) {
      let next = this.#childOf(state, byte);
      if (next === 0) {
        next = this.#states;
        this.#states += 1;
        this.#byte[next] = byte;
        this.#depth[next] = (this.#depth[state] ?? 0) + 1;
        this.#sibling[next] = this.#child[state] ?? 0;
        this.#child[state] = next;
        if (state === 0) this.#first[byte] = next;
      }
      state = next;
    }
    this.#ends[state] = pattern.length;
  }

  /** While it is built: nothing is wide yet, but the root always is. */
  #childOf(state: number, byte: number): number {
    return state === 0 ? (this.#first[byte] ?? 0) : this.#next(state, byte);
  }

  *#children(state: number): Generator<number> {
    for (let child = this.#child[state] ?? 0; child !== 0; child = this.#sibling[child] ?? 0) yield child;
  }

  #widen(): void {
    for (let state = 1; state < this.#states; state += 1) {
      const children = [...this.#children(state)];
      if (children.length <= FEW) continue;
      const row = new Int32Array(256);
      for (const child of children) row[this.#byte[child] ?? 0] = child;
      this.#wide[state] = this.#rows.push(row);
    }
  }

  /** Level by level: where a state goes on is known once those above it are done. */
  #link(): void {
    const queue = new Int32Array(this.#states);
    let filled = 0;
    for (const child of this.#children(0)) queue[filled++] = child;
    for (let at = 0; at < filled; at += 1) {
      const state = queue[at] ?? 0;
      const fail = this.#fail[state] ?? 0;
      if ((this.#ends[fail] ?? 0) > (this.#ends[state] ?? 0)) this.#ends[state] = this.#ends[fail] ?? 0;
      for (const child of this.#children(state)) {
        this.#fail[child] = this.#step(fail, this.#byte[child] ?? 0);
        queue[filled++] = child;
      }
    }
  }
}
