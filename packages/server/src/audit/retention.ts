import type { Clock } from "../lib/clock.ts";
import type { Audit } from "./audit.ts";

/** What is too old goes so often, and first a while after the start, which has other things to do. */
const EVERY_MS = 6 * 3_600_000;
const FIRST_MS = 60_000;

export interface RetentionOptions {
  audit: Pick<Audit, "cut" | "ofServer">;
  /** How long records are kept. */
  keepForMs: number;
  clock: Pick<Clock, "now" | "setTimer">;
  report: (what: string, error: unknown) => void;
  firstMs?: number;
}

/** Cuts the trail by its age for as long as the server runs. Disposing it waits for a cut that goes on. */
export function keepTrailShort(options: RetentionOptions): AsyncDisposable {
  const { audit, keepForMs, clock, report, firstMs = FIRST_MS } = options;
  let cancel = clock.setTimer(clock.now() + firstMs, begin);
  let cutting: Promise<void> = Promise.resolve();
  let isOver = false;
  async function cut(): Promise<void> {
    try {
      await audit.cut(clock.now() - keepForMs, (what) => audit.ofServer(what));
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
