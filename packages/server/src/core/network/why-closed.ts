import { type Address, contains, rangeOf } from "./cidr.ts";
import { closed4, closed6 } from "./closed.ts";

const all = [...closed4, ...closed6].map(({ range, why }) => ({ range: rangeOf(range), why }));

/** Why no profile opens an address unless it names it with its port; null where it is open to all who may reach the public. */
export function whyClosed(address: Address): string | null {
  return all.find(({ range }) => contains(range, address))?.why ?? null;
}
