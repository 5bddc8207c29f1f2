/** How many turns of the event loop others had while this was done; `onTurn` is called in each of them. */
export async function turnsWhile<Result>(
  work: () => Promise<Result>,
  onTurn: () => void = () => undefined,
): Promise<{ result: Result; turns: number }> {
  let turns = 0;
  const count = (): void => {
    turns += 1;
    onTurn();
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  const result = await work();
  clearImmediate(counting);
  return { result, turns };
}
