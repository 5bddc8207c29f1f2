import type { Clock } from "../../lib/clock.ts";
import type { AuditStore, ShippingStore } from "../../store/audit-store.ts";
import type { ShippingState } from "../audit.ts";
import { Shipper } from "./shipper.ts";
import type { Target } from "./target.ts";

export interface ShippingOptions {
  targets: readonly Target[];
  audit: AuditStore;
  shipping: ShippingStore;
  clock: Pick<Clock, "now" | "setTimer">;
  report: (what: string, error: unknown) => void;
  patienceMs?: number;
}

/** Ships the trail to every target, each at its own pace. Disposing it ends what is being sent: it is sent again. */
export class Shipping implements AsyncDisposable {
  readonly #options: ShippingOptions;
  readonly #shippers: readonly Shipper[];

  constructor({ targets, ...options }: ShippingOptions) {
    this.#options = { targets, ...options };
    this.#shippers = targets.map((target) => new Shipper({ target, ...options }));
  }

  /** There are new records. */
  wake(): void {
    for (const shipper of this.#shippers) shipper.wake();
  }

  /** The first block of a chain of which some target may not have all; null where there is no target. */
  async keptFrom(chain: string): Promise<number | null> {
    const seqs = await Promise.all(
      this.#shippers.map(async ({ target }) => {
        const position = (await this.#options.shipping.positions(target.name)).get(chain);
        return position?.seq ?? 0;
      }),
    );
    return seqs.length === 0 ? null : Math.min(...seqs);
  }

  async states(): Promise<ShippingState[]> {
    return await Promise.all(this.#shippers.map((shipper) => this.#stateOf(shipper)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#shippers.map((shipper) => shipper[Symbol.asyncDispose]()));
  }

  async #stateOf({ target, fault, tookAt }: Shipper): Promise<ShippingState> {
    const { audit, shipping, clock } = this.#options;
    const positions = await shipping.positions(target.name);
    let [blocks, oldest] = [0, clock.now()];
    for (const chain of await audit.chains()) {
      const at = positions.get(chain) ?? { seq: 0, n: 0 };
      const [next] = await audit.behind(chain, at, 1);
      const ends = next === undefined ? null : await audit.ends(chain);
      if (next === undefined || ends === null) continue;
      const block = await audit.block(chain, next.seq);
      blocks += ends.last.seq - next.seq + 1;
      oldest = Math.min(oldest, block?.firstAt ?? oldest);
    }
    const behindMs = Math.max(clock.now() - oldest, 0);
    return { target: target.name, place: target.place, blocks, behindMs, tookAt, fault };
  }
}
