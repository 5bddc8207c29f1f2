import { monitorEventLoopDelay } from "node:perf_hooks";
import { Gauge, type Registry } from "prom-client";

/** Between two looks. A loop that is free shows this as its delay. */
const EVERY_MS = 10;
/** prom-client looks by itself, all the time; what it looks so seldom costs nothing. */
const SELDOM_MS = 24 * 3600 * 1000;

type Delays = ReturnType<typeof monitorEventLoopDelay>;

interface Shown {
  help: string;
  of: (delays: Delays) => number;
}

const shown: Readonly<Record<string, Shown>> = {
  min: { help: "The minimum recorded event loop delay.", of: ({ min }) => min },
  mean: { help: "The mean of the recorded event loop delays.", of: ({ mean }) => mean },
  stddev: { help: "The standard deviation of the recorded event loop delays.", of: ({ stddev }) => stddev },
  p50: { help: "The 50th percentile of the recorded event loop delays.", of: (all) => all.percentile(50) },
  p90: { help: "The 90th percentile of the recorded event loop delays.", of: (all) => all.percentile(90) },
  p99: { help: "The 99th percentile of the recorded event loop delays.", of: (all) => all.percentile(99) },
};

/** The gauges of the event loop's delay that prom-client has, with a clock that can rest: it wakes the process each time. */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: EVERY_MS });
  /** The most before the last rest, in nanoseconds. */
  #mostBefore = 0;

  readonly #max: Shown = {
    help: "The maximum recorded event loop delay.",
    of: ({ max }) => Math.max(max, this.#mostBefore),
  };

  /** For prom-client's own. */
  static readonly seldom = { eventLoopMonitoringPrecision: SELDOM_MS };

  /** Takes the place of those that `collectDefaultMetrics` has put into the registry. */
  constructor(registry: Registry) {
    const histogram = this.#histogram;
    histogram.enable();
    for (const [part, { help, of }] of Object.entries({ ...shown, max: this.#max })) {
      const name = `nodejs_eventloop_lag_${part}_seconds`;
      registry.removeSingleMetric(name);
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(of(histogram) / 1e9);
        },
      });
    }
  }

  /** All but the maximum also begins anew after each rest. */
  beginAnew(): void {
    this.#mostBefore = 0;
    this.#histogram.reset();
  }

  /** While nothing happens. */
  rest(isAtRest: boolean): void {
    if (isAtRest) {
      this.#histogram.disable();
      return;
    }
    this.#mostBefore = Math.max(this.#mostBefore, this.#histogram.max);
    this.#histogram.enable();
    // Else the first delay that it records is the rest.
    this.#histogram.reset();
  }
}
