import type { Quota, QuotaBounds, QuotaList } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import type { SignalOptions } from "../job/job-handle.ts";
import { asQuota, asQuotaList } from "./access-answers.ts";

/** What bounds the jobs of whom. Changing it is for administrators. */
export class Quotas {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** By name; one's own, or, as an administrator, everybody's. */
  async list(options: SignalOptions = {}): Promise<QuotaList> {
    const answer = await this.#rest.json({ route: routes.listQuotas, signal: options.signal });
    return asQuotaList(answer, this.#rest.url);
  }

  /** From now on, in place of what bounded this principal before; a bound that is left out is none. */
  async set(user: string, bounds: Partial<QuotaBounds>, options: SignalOptions = {}): Promise<Quota> {
    const call = { route: routes.setQuota, user, body: bounds, signal: options.signal };
    return asQuota(await this.#rest.json(call), this.#rest.url);
  }

  /** Throws QUOTA_NOT_FOUND. */
  async delete(user: string, options: SignalOptions = {}): Promise<void> {
    await this.#rest.json({ route: routes.deleteQuota, user, signal: options.signal });
  }
}
