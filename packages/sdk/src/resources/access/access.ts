import type { ExplainQuery, Explanation, WhoAmI } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { asExplanation, asWhoAmI } from "../answers.ts";
import type { SignalOptions } from "../job/job-handle.ts";

/** Who one is to the server, and what one may do there. */
export class Access {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** Who is asking, with which roles. */
  async whoAmI(options: SignalOptions = {}): Promise<WhoAmI> {
    const answer = await this.#rest.json({ route: routes.whoAmI, signal: options.signal });
    return asWhoAmI(answer, this.#rest.url);
  }

  /**
   * Whether something is allowed, and by which role and binding. Others than oneself: for administrators and auditors.
   *
   * @example
   * ```ts
   * const { allowed, missing } = await berth.access.explain({ verb: "read", resource: "jobs", owner: "bob" });
   * ```
   */
  async explain(options: SignalOptions & ExplainQuery): Promise<Explanation> {
    const { signal, ...query } = options;
    const answer = await this.#rest.json({ route: routes.explainAccess, query, signal });
    return asExplanation(answer, this.#rest.url);
  }
}
