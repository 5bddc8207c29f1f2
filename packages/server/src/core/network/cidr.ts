/** An address as a number, so that a range is two of them. */
export interface Address {
  version: 4 | 6;
  value: bigint;
}

/** All addresses from the first to the last, both included. */
export interface AddressRange {
  version: 4 | 6;
  first: bigint;
  last: bigint;
}

const BITS = { 4: 32, 6: 128 } as const;
const all = (bits: number): bigint => (1n << BigInt(bits)) - 1n;

/** null where the text is no address as it is written by everybody: no octal, hex or short IPv4, no zone. */
export function readAddress(text: string): Address | null {
  if (!text.includes(":")) return readAddress4(text);
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return null;
  const before = readGroups(head, { isLast: tail === undefined });
  const after = readGroups(tail ?? "", { isLast: true });
  if (before === null || after === null) return null;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...before, ...Array<bigint>(missing).fill(0n), ...after];
  return { version: 6, value: groups.reduce((value, group) => (value << 16n) | group, 0n) };
}

function readAddress4(text: string): Address | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  let value = 0n;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    value = (value << 8n) | BigInt(part);
  }
  return { version: 4, value };
}

/** The groups of 16 bits in a part of an IPv6 address; an IPv4 address counts for two where it may stand. */
function readGroups(text: string, { isLast }: { isLast: boolean }): bigint[] | null {
  if (text === "") return [];
  const words = text.split(":");
  const groups: bigint[] = [];
  for (const [index, word] of words.entries()) {
    if (word.includes(".")) {
      const embedded = isLast && index === words.length - 1 ? readAddress4(word) : null;
      if (embedded === null) return null;
      groups.push(embedded.value >> 16n, embedded.value & 0xffffn);
    } else if (/^[0-9a-f]{1,4}$/i.test(word)) groups.push(BigInt(`0x${word}`));
    else return null;
  }
  return groups;
}

/** As RFC 5952 writes it: the form in which two texts of one address are the same. */
export function writeAddress({ version, value }: Address): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((by) => String((value >> by) & 0xffn)).join(".");
  const groups = Array.from({ length: 8 }, (_, n) => (value >> BigInt(16 * (7 - n))) & 0xffffn);
  const words = groups.map((group) => group.toString(16));
  const gap = longestGap(groups);
  if (gap === null) return words.join(":");
  return `${words.slice(0, gap.start).join(":")}::${words.slice(gap.start + gap.length).join(":")}`;
}

/** The first of the longest rows of at least two zeros. */
function longestGap(groups: readonly bigint[]): { start: number; length: number } | null {
  let best: { start: number; length: number } | null = null;
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0n) start = index + 1;
    const length = index + 1 - start;
    if (length >= 2 && length > (best?.length ?? 0)) best = { start, length };
  }
  return best;
}

export type ReadRange = { range: AddressRange } | { problem: string };

/** Reads `10.0.0.0/8`, a single address, or a first and a last one with `-` between. */
export function readRange(text: string): ReadRange {
  const [left = "", right, ...more] = text.split(/[-/]/);
  const first = readAddress(left);
  if (first === null || more.length > 0)
    return { problem: `"${text}" is no address and no range of addresses` };
  if (right === undefined)
    return { range: { version: first.version, first: first.value, last: first.value } };
  return text.includes("/")
    ? readPrefix(text, { first, length: right })
    : readSpan(text, { first, last: right });
}

/** The range of a text that is known to be one. */
export function rangeOf(text: string): AddressRange {
  const read = readRange(text);
  if ("problem" in read) throw new Error(read.problem);
  return read.range;
}

function readPrefix(text: string, { first, length }: { first: Address; length: string }): ReadRange {
  const bits = BITS[first.version];
  if (!/^(?:0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) {
    return { problem: `"${text}" is no range: the length of its prefix must be from 0 to ${bits}` };
  }
  const range = rangeOfPrefix(first, Number(length));
  if (range.first === first.value) return { range };
  const meant = `${writeAddress({ version: first.version, value: range.first })}/${length}`;
  return {
    problem: `"${text}" is no range: its address lies within it, so write "${meant}" or the address alone`,
  };
}

function readSpan(text: string, { first, last }: { first: Address; last: string }): ReadRange {
  const end = readAddress(last);
  if (end === null || end.version !== first.version || end.value < first.value) {
    return {
      problem: `"${text}" is no range: its last address must be one of the same kind and not before the first`,
    };
  }
  return { range: { version: first.version, first: first.value, last: end.value } };
}

/** The range of that many leading bits around an address. */
function rangeOfPrefix({ version, value }: Address, length: number): AddressRange {
  const rest = all(BITS[version] - length);
  return { version, first: value & ~rest & all(BITS[version]), last: value | rest };
}

/** A prefix where the range is one, else its first and its last address. */
export function writeRange({ version, first, last }: AddressRange): string {
  const size = last - first;
  const text = (value: bigint): string => writeAddress({ version, value });
  const isPrefix = (size & (size + 1n)) === 0n && (first & size) === 0n;
  if (!isPrefix) return `${text(first)}-${text(last)}`;
  return `${text(first)}/${BITS[version] - (size === 0n ? 0 : size.toString(2).length)}`;
}

export function contains(range: AddressRange, address: Address): boolean {
  return range.version === address.version && range.first <= address.value && address.value <= range.last;
}

export function overlaps(one: AddressRange, other: AddressRange): boolean {
  return one.version === other.version && one.first <= other.last && other.first <= one.last;
}

/** What is left of a range without the others, in order. */
export function subtract(range: AddressRange, others: readonly AddressRange[]): AddressRange[] {
  const { version, last } = range;
  const left: AddressRange[] = [];
  let next = range.first;
  const inOrder = others
    .filter((other) => overlaps(range, other))
    .toSorted((a, b) => compare(a.first, b.first));
  for (const other of inOrder) {
    if (other.first > next) left.push({ version, first: next, last: other.first - 1n });
    if (other.last >= next) next = other.last + 1n;
  }
  if (next <= last) left.push({ version, first: next, last });
  return left;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
