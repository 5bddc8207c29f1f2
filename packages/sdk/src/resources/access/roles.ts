import type { Role, RoleList } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { asRoleList } from "../answers.ts";
import type { SignalOptions } from "../job/job-handle.ts";
import { asRole } from "./access-answers.ts";

/** What a role allows. */
export type Rules = readonly Pick<Role["rules"][number], "resource" | "names" | "verbs">[];

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

  /** Throws ROLE_NOT_FOUND. */
  async get(name: string, { signal }: SignalOptions = {}): Promise<Role> {
    return asRole(await this.#rest.json({ route: routes.getRole, name, signal }), this.#rest.url);
  }

  /** Makes one of one's own. Throws NAME_TAKEN, REQUEST_INVALID. */
  async create(name: string, rules: Rules, { signal }: SignalOptions = {}): Promise<Role> {
    const call = { route: routes.createRole, body: { name, rules }, signal, patienceMs: 0 };
    return asRole(await this.#rest.json(call), this.#rest.url);
  }

  /** Gives it other rules, for all who have it. Throws BUILT_IN, ROLE_NOT_FOUND. */
  async update(name: string, rules: Rules, { signal }: SignalOptions = {}): Promise<Role> {
    const call = { route: routes.updateRole, name, body: { rules }, signal };
    return asRole(await this.#rest.json(call), this.#rest.url);
  }

  /** Throws ROLE_IN_USE where a binding gives it to somebody. */
  async delete(name: string, { signal }: SignalOptions = {}): Promise<void> {
    await this.#rest.json({ route: routes.deleteRole, name, signal });
  }
}
