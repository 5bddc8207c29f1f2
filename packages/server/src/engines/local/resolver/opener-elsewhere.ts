import type { Opener } from "./openings.ts";

/** One demand to open addresses, as it is passed on. */
export interface AskedOpening {
  number: number;
  link: string;
  addresses: readonly string[];
  ms: number;
}

/** Has addresses opened by somebody who is told of it by messages. */
export class OpenerElsewhere implements Opener {
  readonly #ask: (asked: AskedOpening) => void;
  readonly #underWay = new Map<number, PromiseWithResolvers<void>>();
  #number = 0;

  constructor(ask: (asked: AskedOpening) => void) {
    this.#ask = ask;
  }

  async open(link: string, addresses: readonly string[], ms: number): Promise<void> {
    this.#number += 1;
    const done = Promise.withResolvers<void>();
    this.#underWay.set(this.#number, done);
    this.#ask({ number: this.#number, link, addresses, ms });
    await done.promise;
  }

  /** What came of one of them. */
  opened({ number, failure }: { number: number; failure: string | null }): void {
    const done = this.#underWay.get(number);
    this.#underWay.delete(number);
    if (failure === null) done?.resolve();
    else done?.reject(new Error(failure));
  }
}
