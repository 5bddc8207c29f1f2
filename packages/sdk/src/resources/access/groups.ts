import type { Group, GroupList } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import type { SignalOptions } from "../job/job-handle.ts";
import { asGroup, asGroupList } from "./access-answers.ts";

/** Accounts under one name, to which roles are given at once. For administrators. */
export class Groups {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** By name. */
  async list({ signal }: SignalOptions = {}): Promise<GroupList> {
    return asGroupList(await this.#rest.json({ route: routes.listGroups, signal }), this.#rest.url);
  }

  /** Throws NAME_TAKEN. */
  async create(name: string, { signal }: SignalOptions = {}): Promise<Group> {
    const call = { route: routes.createGroup, body: { name }, signal, patienceMs: 0 };
    return asGroup(await this.#rest.json(call), this.#rest.url);
  }

  /** Throws GROUP_NOT_FOUND. */
  async get(name: string, { signal }: SignalOptions = {}): Promise<Group> {
    return asGroup(await this.#rest.json({ route: routes.getGroup, group: name, signal }), this.#rest.url);
  }

  /** With what was given to it. */
  async delete(name: string, { signal }: SignalOptions = {}): Promise<void> {
    await this.#rest.json({ route: routes.deleteGroup, group: name, signal });
  }

  /** Puts a user into it, from its next request on. Idempotent. */
  async add(name: string, user: string, { signal }: SignalOptions = {}): Promise<Group> {
    const call = { route: routes.addMember, group: name, member: user, signal };
    return asGroup(await this.#rest.json(call), this.#rest.url);
  }

  async remove(name: string, user: string, { signal }: SignalOptions = {}): Promise<Group> {
    const call = { route: routes.removeMember, group: name, member: user, signal };
    return asGroup(await this.#rest.json(call), this.#rest.url);
  }
}
