import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { dirname } from "node:path";
import { replaceFile } from "../../../lib/replace-file.ts";
import { bytesOfAddress, type PlaceNetwork } from "./place-network.ts";

export interface AddressOptions {
  dataDir: string;
  /** The file that keeps how far the numbers have come, beyond this server. */
  counterFile: string;
  /** IPv4, as a prefix: jobs leave by its first address. */
  range: string;
  /** Whether places get an IPv6 address too. */
  hasV6: boolean;
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
  /** In ms of any clock that only goes forward. */
  now?: () => number;
}

/** An address of which no connection is left is nobody's for so long: what was sent to it may still be on the way. */
const REST_MS = 5 * 60_000;
/** So many numbers at a time are taken from the file. */
const BLOCK = 1024;
/** The kernel's set of jobs has room for as many; a wider range would be of no use. */
const WIDEST_PREFIX = 16;
const NARROWEST_PREFIX = 24;

/** Letters and digits that tell the servers of one host apart, by their data folders. */
export function serverMark(dataDir: string): string {
  const hash = createHash("sha256").update(dataDir).digest();
  return BigInt(`0x${hash.toString("hex")}`)
    .toString(36)
    .slice(-4);
}

export type PlaceAddresses = Pick<PlaceNetwork, "address4" | "address6">;

export interface Range4 {
  /** The first address, as a number. */
  first: number;
  prefix: number;
}

/** A range that jobs can have their addresses of; what is wrong with it where they cannot. */
export function readRange4(text: string): Range4 | string {
  const [address = "", length = "", ...rest] = text.split("/");
  const prefix = Number(length);
  if (!isIPv4(address) || !/^\d+$/.test(length) || rest.length > 0) return "is no range like 10.213.0.0/16";
  if (prefix < WIDEST_PREFIX || prefix > NARROWEST_PREFIX)
    return `must have a prefix from /${WIDEST_PREFIX} to /${NARROWEST_PREFIX}`;
  const first = numberOf4(address);
  if (first % 2 ** (32 - prefix) !== 0) return `does not begin at its first address`;
  return { first, prefix };
}

/**
 * Names and addresses of the links of places. A name is never given twice, also not by the next server on the same data
 * folder: what the kernel still holds of one that is gone then means nobody.
 */
export class Addresses {
  readonly server: string;
  readonly range4: Range4;
  readonly gateway4: string;
  /** null where places get no IPv6. */
  readonly range6: string | null;
  readonly #options: AddressOptions;
  readonly #now: () => number;
  readonly #taken = new Set<number>();
  readonly #leaving = new Set<number>();
  /** Those that rest, and until when, in the order in which they will have rested. */
  readonly #resting = new Map<number, number>();
  #keepsOthers = false;
  #next: number;
  #last: number;

  constructor(options: AddressOptions) {
    const range = readRange4(options.range);
    if (typeof range === "string") throw new Error(`The range "${options.range}" ${range}`);
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.server = serverMark(options.dataDir);
    this.range4 = range;
    this.gateway4 = text4(range.first + 1);
    this.range6 = options.hasV6 ? `${prefixOf6(options.dataDir)}::/64` : null;
    this.#next = this.#last = readCounter(options);
  }

  /** How many places can have an address at once: all but the first two and the last. */
  get room(): number {
    return 2 ** (32 - this.range4.prefix) - 3;
  }

  /** What places can have, as the helper is told of it: in hexadecimal digits, and how long the prefix is. */
  get ranges(): readonly string[] {
    const own = [`${hex(text4(this.range4.first))} ${this.range4.prefix}`];
    return this.range6 === null ? own : [...own, `${hex(this.range6.replace("/64", ""))} 64`];
  }

  /** Throws where all addresses are taken. */
  take(): PlaceNetwork {
    this.#wake();
    if (this.#taken.size + this.#leaving.size + this.#resting.size >= this.room) {
      const { range } = this.#options;
      throw new Error(`all ${this.room} addresses of ${range} are taken, or were a few minutes ago`);
    }
    for (;;) {
      const number = this.#count();
      const index = 2 + (number % this.room);
      if ([this.#taken, this.#leaving, this.#resting].some((some) => some.has(index))) continue;
      this.#taken.add(index);
      return this.#network(number, index);
    }
  }

  /** A place of an earlier server has it. */
  keep({ address4 }: Pick<PlaceNetwork, "address4">): void {
    const index = numberOf4(address4) - this.range4.first;
    // Of another range, from before the setting was changed, it is in nobody's way.
    this.#keepsOthers ||= !(index >= 0 && index < 2 ** (32 - this.range4.prefix));
    if (index >= 2 && index < 2 + this.room) this.#taken.add(index);
  }

  /** Its place is gone: it is among those that leave until it is said to rest. */
  giveBack({ address4 }: Pick<PlaceNetwork, "address4">): void {
    const index = numberOf4(address4) - this.range4.first;
    if (this.#taken.delete(index)) this.#leaving.add(index);
  }

  /** Whether jobs of an earlier server have addresses of another range. */
  get keepsOthers(): boolean {
    return this.#keepsOthers;
  }

  /** What places have now. */
  get taken(): readonly PlaceAddresses[] {
    return [...this.#taken].map((index) => this.#addresses(index));
  }

  /** What places had that are gone, and of which connections may be left. */
  get leaving(): readonly PlaceAddresses[] {
    return [...this.#leaving].map((index) => this.#addresses(index));
  }

  /** No connection of it is left: nobody has it for a while. */
  rest({ address4 }: Pick<PlaceNetwork, "address4">): void {
    const index = numberOf4(address4) - this.range4.first;
    if (this.#leaving.delete(index)) this.#resting.set(index, this.#now() + REST_MS);
  }

  #network(number: number, index: number): PlaceNetwork {
    const name = `b${this.server}-${number.toString(36)}`;
    return { name, gateway4: this.gateway4, ...this.#addresses(index) };
  }

  #addresses(index: number): PlaceAddresses {
    return {
      address4: text4(this.range4.first + index),
      address6: this.range6?.replace("/64", (index + 0x1_0000).toString(16).slice(1)) ?? null,
    };
  }

  #wake(): void {
    for (const [index, until] of this.#resting) {
      if (until > this.#now()) return;
      this.#resting.delete(index);
    }
  }

  /** Numbers come from the disk in blocks: one that was begun is never gone on with by another server. */
  #count(): number {
    if (this.#next === this.#last) {
      this.#last += BLOCK;
      mkdirSync(dirname(this.#options.counterFile), { recursive: true, mode: 0o700 });
      replaceFile(this.#options.counterFile, `${this.#last}\n`, { flush: true });
    }
    this.#next += 1;
    return this.#next - 1;
  }
}

/**
 * How far the numbers have come. Of a file that cannot be read nobody knows: what the clock says is beyond all that was
 * given, at a link for each millisecond since 1970.
 */
function readCounter({ counterFile: file, onNotice }: AddressOptions): number {
  try {
    const text = readFileSync(file, "utf8").trim();
    if (/^\d{1,15}$/.test(text)) return Number(text);
    onNotice(BROKEN_COUNTER, { file, why: "it holds no number" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    onNotice(BROKEN_COUNTER, { file, why: (error as Error).message });
  }
  return Date.now();
}

const BROKEN_COUNTER =
  "how many links jobs' networks have had is not known: they are counted on from a later number";

/** A range of one's own that nobody else should have, RFC 4193. */
function prefixOf6(dataDir: string): string {
  const hash = createHash("sha256").update(`IPv6 ${dataDir}`).digest("hex");
  return `fd${hash.slice(0, 2)}:${hash.slice(2, 6)}:${hash.slice(6, 10)}:88`;
}

const hex = (address: string): string => bytesOfAddress(address).toString("hex");

export function numberOf4(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function text4(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}
