/** Milliseconds of the event loop since somebody last asked, by operation: each without what it called by name. */
let spent = new Map<string, number>();
/** What the named operations within the present one have taken. */
let within = 0;
/** Whoever wants to know of the next operation, once. */
let awaited: (() => void) | null = null;

/**
 * Does `work`, which may be long, under a name: when the event loop stood still meanwhile, it is said for what. A name is
 * one of few, never made of what a user wrote. `work` runs to its end without waiting; two looks at the clock are all it
 * costs.
 */
export function onLoop<Result>(operation: string, work: () => Result): Result {
  if (awaited !== null) tell(awaited);
  const outside = within;
  within = 0;
  const started = performance.now();
  try {
    return work();
  } finally {
    const took = performance.now() - started;
    spent.set(operation, (spent.get(operation) ?? 0) + took - within);
    within = outside + took;
  }
}

/** What was spent since the last call of this. */
export function takeSpent(): ReadonlyMap<string, number> {
  if (spent.size === 0) return spent;
  const taken = spent;
  spent = new Map();
  return taken;
}

/** Calls back, once, before the next operation begins; null for nobody. */
export function beforeNext(call: (() => void) | null): void {
  awaited = call;
}

function tell(call: () => void): void {
  awaited = null;
  call();
}
