import type { RoleList } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { asRoleList } from "../answers.ts";
import type { SignalOptions } from "../job/job-handle.ts";

/** What can be allowed to somebody. */
export class Roles {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** Every role with its rules. */
  async list(options: SignalOptions = {}): Promise<RoleList> {
    const answer = await this.#rest.json({ route: routes.listRoles, signal: options.signal });
    return asRoleList(answer, this.#rest.url);
  }
}
