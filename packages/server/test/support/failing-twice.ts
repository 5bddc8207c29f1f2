/** Fails at its first two calls, as what fails for a while. */
export function failingTwice<Args extends unknown[], Value>(
  work: (...args: Args) => Promise<Value>,
): (...args: Args) => Promise<Value> {
  let left = 2;
  return async (...args) => {
    if (left === 0) return await work(...args);
    left -= 1;
    throw new Error("not now");
  };
}
