/** A queue in which those who put much in wait behind those who put little in: one of each, in rotation. */
export class FairQueue<Item> {
  /** In the order in which they come next. */
  readonly #waiting = new Map<string, Item[]>();

  push(who: string, item: Item): void {
    const known = this.#waiting.get(who);
    if (known) known.push(item);
    else this.#waiting.set(who, [item]);
  }

  /** The oldest of whose turn it is, of those that `may`; that one's next comes after everybody else's. */
  shift(may: (who: string) => boolean = () => true): Item | undefined {
    const next = this.#waiting.entries().find(([who]) => may(who));
    if (next === undefined) return undefined;
    const [who, items] = next;
    this.#waiting.delete(who);
    const item = items.shift();
    if (items.length > 0) this.#waiting.set(who, items);
    return item;
  }

  /** Takes out one that waits; false when it does not any more. */
  remove(who: string, item: Item): boolean {
    const items = this.#waiting.get(who) ?? [];
    const index = items.indexOf(item);
    if (index < 0) return false;
    items.splice(index, 1);
    if (items.length === 0) this.#waiting.delete(who);
    return true;
  }

  /** Takes out all that wait. */
  clear(): Item[] {
    const all = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    return all;
  }
}
