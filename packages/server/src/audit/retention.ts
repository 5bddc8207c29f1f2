import type { Clock } from "../lib/clock.ts";
import type { AuditStore } from "../store/audit-store.ts";
import type { Audit } from "./audit.ts";

/** What is too old goes so often, and first a while after the start, which has other things to do. */
const EVERY_MS = 6 * 3_600_000;
const FIRST_MS = 60_000;

/** A clock that is ahead leaves a gap in the trail: one that is longer is for somebody to look at. */
const LEAST_GAP_MS = 30 * 24 * 3_600_000;

export interface RetentionOptions {
  audit: Pick<Audit, "cut" | "ofServer">;
  /** When the last record was made from before a moment, and the first one from then on. */
  around: AuditStore["around"];
  /** How long records are kept. */
  keepForMs: number;
  clock: Pick<Clock, "now" | "setTimer">;
  report: (what: string, error: unknown) => void;
  firstMs?: number;
}

/** Cuts the trail by its age for as long as the server runs. Disposing it waits for a cut that goes on. */
export function keepTrailShort(options: RetentionOptions): AsyncDisposable {
  const { audit, around, keepForMs, clock, report, firstMs = FIRST_MS } = options;
  let cancel = clock.setTimer(clock.now() + firstMs, begin);
  let cutting: Promise<void> = Promise.resolve();
  let isOver = false;
  let told: number | null = null;
  async function cutOld(): Promise<void> {
    const now = clock.now();
    const before = now - keepForMs;
    const { before: last, after } = await around(before);
    if (last !== null && (after ?? now) - last > Math.max(keepForMs, LEAST_GAP_MS)) {
      if (told !== last)
        report("Cannot cut the audit trail by its age", gapError({ last, after: after ?? now }));
      told = last;
      return;
    }
    await audit.cut(before, (what) => audit.ofServer(what));
  }
  async function cut(): Promise<void> {
    try {
      await cutOld();
    } catch (error) {
      report("Cannot cut the audit trail by its age", error);
    }
    if (!isOver) cancel = clock.setTimer(clock.now() + EVERY_MS, begin);
  }
  function begin(): void {
    cutting = cut();
  }
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      cancel();
      await cutting;
    },
  };
}

/** Nobody can tell a server that was off for a year from one whose clock is a year ahead. */
function gapError({ last, after }: { last: number; after: number }): Error {
  const [from, until] = [last, after].map((at) => new Date(at).toISOString());
  return new Error(
    `There is no record from ${from} until ${until}: where the clock of this host is right, cut by hand: \`berth audit cut --before ${until}\``,
  );
}
