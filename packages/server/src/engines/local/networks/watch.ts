import type { Addresses } from "./addresses.ts";
import { guardRouting } from "./guard.ts";
import type { KernelSets } from "./kernel-sets.ts";
import type { Table } from "./table.ts";

export interface WatchOptions {
  addresses: Addresses;
  table: Table;
  helper: KernelSets;
  /** Whether the host was prepared, and when that was done; null before. */
  opening: () => Promise<void> | null;
  foreignChanges: "mend" | "stop-jobs";
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
}

/**
 * Puts back what somebody else takes away: a firewall that is loaded anew flushes all tables of a host, and tools that
 * manage its routing take away the rules that they do not know. Until it is back no job's packet is led on.
 */
export class Watch {
  readonly #options: WatchOptions;
  readonly #mended: (() => void)[] = [];
  readonly #lost: (() => void)[] = [];
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
    const { table, opening, onNotice } = this.#options;
    if ((times !== null && !table.isForeign()) || opening() === null) return;
    // What comes while it is put back is put back after that.
    this.#isAgain = true;
    if (this.#isMending) return;
    this.#isMending = true;
    try {
      await opening();
      if (times === null && (await table.isWhole())) return;
      while (this.#isAgain) await this.#mend();
    } catch (error) {
      onNotice("the table of jobs' networks could not be put back: no job reaches anything", {
        why: (error as Error).message,
      });
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
