export interface SeededRandom {
  /** A whole number from 0 up to that one. */
  below(limit: number): number;
  of<Value>(values: readonly Value[]): Value;
}

/** The same numbers for the same seed, so that a test that fails fails again (mulberry32). */
export function randomFrom(seed: number): SeededRandom {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    of(values) {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error("There is nothing to choose from");
      return value;
    },
  };
}
