import { sleep } from "../../../lib/clock.ts";
import { backoffMs } from "../../../lib/retry.ts";
import type { Addresses } from "./addresses.ts";
import { guardRouting } from "./guard.ts";
import type { KernelSets } from "./kernel-sets.ts";
import type { Table } from "./table.ts";

export interface WatchOptions {
  addresses: Addresses;
  table: Pick<Table, "name" | "isForeign" | "isWhole" | "mend">;
  helper: Pick<KernelSets, "ask">;
  /** Whether the host was prepared, and when that was done; null before. */
  opening: () => Promise<void> | null;
  foreignChanges: "mend" | "stop-jobs";
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
}

/** No wait between two tries is longer. */
const LONGEST_WAIT_MS = 5000;

const NOT_BACK =
  "the table of jobs' networks could not be put back, which is tried again: until then no job reaches anything beyond this host";

/**
 * Puts back what somebody else takes away: a firewall that is loaded anew flushes all tables of a host, and tools that
 * manage its routing take away the rules that they do not know. Until it is back no job's packet is led on.
 */
export class Watch implements Disposable {
  readonly #options: WatchOptions;
  readonly #mended: (() => void)[] = [];
  readonly #lost: (() => void)[] = [];
  readonly #closed = new AbortController();
  #isMending = false;
  #isAgain = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  onMended(listener: () => void): void {
    this.#mended.push(listener);
  }

  onLost(listener: () => void): void {
    this.#lost.push(listener);
  }

  /** The table was changed, so often; null: nobody can know how often, and it is looked whether all is as it was. */
  async changed(times: number | null): Promise<void> {
    const { table, opening } = this.#options;
    if ((times !== null && !table.isForeign()) || opening() === null) return;
    // What comes while it is put back is put back after that.
    this.#isAgain = true;
    if (this.#isMending) return;
    this.#isMending = true;
    try {
      await opening();
      if (times === null) {
        this.#isAgain = false;
        const isWhole = await table.isWhole();
        // What came while it was looked at may not have been seen.
        if (isWhole && !this.#isAgain) return;
      }
      await this.#mendUntilDone();
    } catch {
      // Whoever wanted the host prepared was told that it could not be, and what is closed is not put back.
    } finally {
      this.#isMending = false;
    }
  }

  /** Rules of the host's routing were taken away. */
  async rulesGone(): Promise<void> {
    const { helper, addresses, opening, onNotice } = this.#options;
    try {
      await opening();
      await guardRouting(helper, addresses);
      onNotice(
        "somebody else has taken away rules of this host's routing that guard jobs' networks: they were put back",
        {},
      );
    } catch (error) {
      onNotice("the rules of this host's routing that guard jobs' networks could not be put back", {
        why: (error as Error).message,
      });
    }
  }

  [Symbol.dispose](): void {
    this.#closed.abort(new Error("the networks are closed"));
  }

  /** What fails, as for want of memory, is tried again: until it is done jobs reach what this host offers itself. */
  async #mendUntilDone(): Promise<void> {
    const { onNotice } = this.#options;
    const { signal } = this.#closed;
    this.#isAgain = true;
    for (let failures = 0; this.#isAgain; ) {
      signal.throwIfAborted();
      try {
        await this.#mend();
        failures = 0;
      } catch (error) {
        this.#isAgain = true;
        failures += 1;
        if (failures === 1) onNotice(NOT_BACK, { why: (error as Error).message });
        await sleep(backoffMs(failures, { maxMs: LONGEST_WAIT_MS }), { signal });
      }
    }
  }

  async #mend(): Promise<void> {
    const { table, helper, addresses, foreignChanges, onNotice } = this.#options;
    this.#isAgain = false;
    const stops = foreignChanges === "stop-jobs";
    // At once, as until it is put back they may reach anything.
    if (stops) this.#lose();
    await guardRouting(helper, addresses);
    await table.mend();
    const then = stops ? ", and the jobs that have one end" : "";
    onNotice(`somebody else has changed the table of jobs' networks: it was put back${then}`, {
      table: table.name,
    });
    // Those that were started meanwhile.
    if (stops) this.#lose();
    for (const listener of this.#mended) listener();
  }

  #lose(): void {
    for (const listener of this.#lost) listener();
  }
}
