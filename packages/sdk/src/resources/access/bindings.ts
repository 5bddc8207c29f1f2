import type { Binding, BindingList } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { asBinding, asBindingList } from "../answers.ts";
import type { SignalOptions } from "../job/job-handle.ts";

/** Which roles are given to whom. Changing it is for administrators. */
export class Bindings {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** Oldest first; one's own, or, as an administrator or auditor, everybody's. */
  async list(options: SignalOptions = {}): Promise<BindingList> {
    const answer = await this.#rest.json({ route: routes.listBindings, signal: options.signal });
    return asBindingList(answer, this.#rest.url);
  }

  /** Gives a role to a principal or to a group, from the next request on. Idempotent. Throws REQUEST_INVALID for a role that is not there. */
  async create(
    binding: { role: string; user: string } | { role: string; group: string },
    options: SignalOptions = {},
  ): Promise<Binding> {
    const call = { route: routes.createBinding, body: binding, signal: options.signal };
    return asBinding(await this.#rest.json(call), this.#rest.url);
  }

  /** Takes it away again, from the next request on. Throws BINDING_NOT_FOUND. */
  async delete(id: string, options: SignalOptions = {}): Promise<void> {
    await this.#rest.json({ route: routes.deleteBinding, binding: id, signal: options.signal });
  }
}
