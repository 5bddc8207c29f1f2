import { Certificates } from "./resources/certificates.ts";
import { Engines } from "./resources/engines.ts";
import type { SignalOptions } from "./resources/job-handle.ts";
import { Jobs } from "./resources/jobs.ts";
import type { ExactNumber } from "./transport/exact-numbers.ts";
import { fetchTransport } from "./transport/fetch-transport.ts";
import type { ConnectionChange } from "./transport/retry.ts";
import { Http, type Patience } from "./transport/http.ts";
import { errorOf } from "./transport/translate-error.ts";
import type { Transport } from "./transport/transport.ts";

/** Where the server is, and how to talk to it. Nothing is read from the environment or from files. */
export interface BerthOptions {
  /** As in `http://127.0.0.1:7400`; a path before `/api` is kept. */
  url: string;
  /** Sent as `Authorization: Bearer`. */
  token?: string | undefined;
  /** Another `fetch`, for a proxy or for tests. Default: the global one. */
  fetch?: typeof fetch | undefined;
  /** Instead of `fetch`: `nodeHttp()` of `@berth/sdk/node`, which starts sooner and moves more. */
  transport?: Transport | undefined;
  /** Default `berth-sdk`. Browsers send their own. */
  userAgent?: string | undefined;
  /** How long to go on trying while nobody answers. Default 10 s for one request, 5 min while following a job. */
  patience?: Partial<Patience> | undefined;
  /** Told when the server stops answering while something is followed, and when it answers again. */
  onConnection?: ((change: ConnectionChange) => void) | undefined;
  /**
   * What to make of a number in a job's result that a double cannot carry, from its digits as the job wrote them:
   * `BigInt` where all are whole, `String`, `JSON.rawJSON`. Default: it is rounded, as `JSON.parse` does.
   */
  exactNumber?: ExactNumber | undefined;
}

/**
 * A client of one server. Cheap to make, holds nothing open, needs no closing.
 *
 * @example
 * ```ts
 * import { Berth } from "@berth/sdk";
 *
 * const berth = new Berth({ url: "http://127.0.0.1:7400", token: "berth_..." });
 * const job = await berth.jobs.submit({ command: "uname", args: ["-a"] });
 * for await (const { data } of job.output()) process.stdout.write(data);
 * await job.done(); // throws JobFailed when it did not succeed
 * ```
 */
export class Berth {
  readonly jobs: Jobs;
  readonly certificates: Certificates;
  readonly engines: Engines;
  readonly #http: Http;

  constructor(options: BerthOptions) {
    this.#http = new Http({
      url: options.url,
      token: options.token,
      // Called as a plain function: browsers refuse `fetch` on another object.
      transport: options.transport ?? fetchTransport(options.fetch ?? ((input, init) => fetch(input, init))),
      userAgent: options.userAgent ?? "berth-sdk",
      exactNumber: options.exactNumber,
      onConnection: options.onConnection,
      patience: { requestMs: 10_000, followMs: 300_000, ...options.patience },
    });
    this.jobs = new Jobs(this.#http);
    this.certificates = new Certificates(this.#http);
    this.engines = new Engines(this.#http);
  }

  /** Where the server is: without credentials and without a slash at the end. */
  get url(): string {
    return this.#http.url;
  }

  /** Whether the server takes jobs now. Throws SERVER_UNREACHABLE when nobody answers. */
  async health(options: SignalOptions = {}): Promise<{ ready: boolean }> {
    const route = { method: "GET", path: "/readyz" } as const;
    const status = await this.#http.status({ route, signal: options.signal });
    if (status === 200 || status >= 500) return { ready: status === 200 };
    throw errorOf(this.#http.url, { status, body: null });
  }
}

/**
 * A client that has been tried: the server answers and takes the token. Throws SERVER_UNREACHABLE or
 * UNAUTHENTICATED otherwise.
 *
 * @example
 * ```ts
 * const berth = await connect({ url: "http://127.0.0.1:7400", token: "berth_..." });
 * ```
 */
export async function connect(options: BerthOptions & SignalOptions): Promise<Berth> {
  const berth = new Berth(options);
  await berth.jobs.list({ limit: 1, signal: options.signal }).page();
  return berth;
}
