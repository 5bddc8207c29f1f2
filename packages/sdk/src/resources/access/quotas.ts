import type { Quota, QuotaBounds, QuotaList } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import type { SignalOptions } from "../job/job-handle.ts";
import { asQuota, asQuotaList } from "./access-answers.ts";

/** Whose quota: that of a principal, or of a group. */
export interface QuotaOptions extends SignalOptions {
  /** What the name is that of. Default: `user`. */
  kind?: "user" | "group";
}

/** What bounds the jobs of whom, and what is used of it. Changing it is for administrators. */
export class Quotas {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** By name; one's own and one's groups', or, as an administrator, everybody's. */
  async list(options: SignalOptions = {}): Promise<QuotaList> {
    const answer = await this.#rest.json({ route: routes.listQuotas, signal: options.signal });
    return asQuotaList(answer, this.#rest.url);
  }

  /** Throws QUOTA_NOT_FOUND. */
  async get(name: string, { kind = "user", signal }: QuotaOptions = {}): Promise<Quota> {
    const call = { route: routes.getQuota, user: name, query: { kind }, signal };
    return asQuota(await this.#rest.json(call), this.#rest.url);
  }

  /** From now on, in place of what bounded it before; a bound that is left out is none. */
  async set(
    name: string,
    bounds: Partial<QuotaBounds>,
    { kind = "user", signal }: QuotaOptions = {},
  ): Promise<Quota> {
    const call = { route: routes.setQuota, user: name, query: { kind }, body: bounds, signal };
    return asQuota(await this.#rest.json(call), this.#rest.url);
  }

  /** Throws QUOTA_NOT_FOUND. */
  async delete(name: string, { kind = "user", signal }: QuotaOptions = {}): Promise<void> {
    await this.#rest.json({ route: routes.deleteQuota, user: name, query: { kind }, signal });
  }
}
