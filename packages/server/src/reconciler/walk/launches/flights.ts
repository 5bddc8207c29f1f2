import { abortable } from "../../../lib/signals.ts";

interface Flight {
  stageId: string;
  /** Whether what it was to fetch is kept now. */
  over: PromiseWithResolvers<boolean>;
}

/** Fetches that are under way: of several stages that want the same one fetches it, and the others wait for what it keeps. */
export class Flights {
  readonly #underWay = new Map<string, Flight>();

  /**
   * Waits while another stage fetches it; whether it had to. Where that one came to nothing the next fetches it, however many
   * wait. Throws the signal's reason.
   */
  async join(what: string, { stageId, signal }: { stageId: string; signal: AbortSignal }): Promise<boolean> {
    let hasWaited = false;
    for (;;) {
      const other = this.#underWay.get(what);
      if (other === undefined) {
        this.#underWay.set(what, { stageId, over: Promise.withResolvers() });
        return hasWaited;
      }
      // Begun once more.
      if (other.stageId === stageId) return hasWaited;
      hasWaited = true;
      if (await abortable(other.over.promise, signal)) return hasWaited;
    }
  }

  /** However it ended, or where it never began: another stage may fetch what this one did, or find it kept. */
  leave(stageId: string, isKept: boolean): void {
    for (const [what, flight] of this.#underWay) {
      if (flight.stageId !== stageId) continue;
      this.#underWay.delete(what);
      flight.over.resolve(isKept);
    }
  }
}
