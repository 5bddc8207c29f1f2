import type { Addresses, PlaceAddresses } from "./addresses.ts";
import type { KernelSets } from "./kernel-sets.ts";
import { bytesOfAddress } from "./place-network.ts";

export interface SeverOptions {
  addresses: Addresses;
  /** Of whom it is asked: the kernel shows all connections to whoever looks for some, which takes its time. */
  helper: Pick<KernelSets, "ask">;
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
}

/** So long those of several are gathered. */
const AFTER_MS = 10_000;
/** One line holds so many addresses. */
const MOST_ADDRESSES = 1000;

/**
 * Takes away what the kernel knows of the connections of places that are gone, before anybody has their addresses again. What
 * belongs to a connection is let through without being looked up, and a connection whose end was never seen is kept for days.
 */
export class Sever implements Disposable {
  readonly #options: SeverOptions;
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;

  constructor(options: SeverOptions) {
    this.#options = options;
  }

  /** To be called when places have given their addresses back. */
  soon(): void {
    this.#timer ??= setTimeout(() => void this.now(), AFTER_MS).unref();
  }

  async now(): Promise<void> {
    this[Symbol.dispose]();
    const { addresses } = this.#options;
    const { leaving } = addresses;
    for (let at = 0; at < leaving.length; at += MOST_ADDRESSES)
      await this.#ask(`only ${hex(leaving.slice(at, at + MOST_ADDRESSES)).join(" ")}`);
    for (const one of leaving) addresses.rest(one);
  }

  /** What places had of which this server knows nothing, before it gives anybody an address. */
  async unknown(): Promise<void> {
    const { addresses } = this.#options;
    for (const range of addresses.ranges) await this.#ask(["but", range, ...hex(addresses.taken)].join(" "));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** A kernel that cannot is no reason to give nobody a network: what a former job began goes on for some minutes at most. */
  async #ask(words: string): Promise<void> {
    try {
      await this.#options.helper.ask(`sever ${words}`);
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      const why = (error as Error).message;
      this.#options.onNotice(
        "connections of jobs that have ended could not be taken out of this host's table of them",
        {
          why,
        },
      );
    }
  }
}

const hex = (all: readonly PlaceAddresses[]): string[] =>
  all
    .flatMap(({ address4, address6 }) => [address4, ...(address6 === null ? [] : [address6])])
    .map((address) => bytesOfAddress(address).toString("hex"));
