import type { CreatedUser, User, UserDetails, UserList } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { asOneTimePassword, asUser, asUserList } from "./access-answers.ts";
import type { SignalOptions } from "../job/job-handle.ts";

/** What a new account is. */
export interface NewUser {
  name: string;
  display?: string | undefined;
  /** To be changed at the first login. */
  password?: string | undefined;
  /** Has the server make one, which the answer shows once. */
  oneTimePassword?: boolean | undefined;
  /** Default `developer`. */
  roles?: readonly string[] | undefined;
}

/** Who has an account. Changing it is for administrators. */
export class Users {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** By name, also those that are deleted; oneself, or, as an administrator or auditor, everybody. */
  async list(
    options: SignalOptions & { limit?: number; cursor?: string | undefined } = {},
  ): Promise<UserList> {
    const { signal, ...query } = options;
    return asUserList(await this.#rest.json({ route: routes.listUsers, query, signal }), this.#rest.url);
  }

  /** Throws NAME_TAKEN, REQUEST_INVALID. */
  async create(user: NewUser, { signal }: SignalOptions = {}): Promise<CreatedUser> {
    const call = { route: routes.createUser, body: user, signal, patienceMs: 0 };
    return asUser(await this.#rest.json(call), this.#rest.url) as CreatedUser;
  }

  /** Throws USER_NOT_FOUND. */
  async get(name: string, { signal }: SignalOptions = {}): Promise<UserDetails> {
    const answer = await this.#rest.json({ route: routes.getUser, user: name, signal });
    return asUser(answer, this.#rest.url) as UserDetails;
  }

  /** Changes how it is shown. */
  async update(name: string, { signal, ...body }: SignalOptions & { display: string | null }): Promise<User> {
    return await this.#change({ route: routes.updateUser, user: name, body, signal });
  }

  /** It is let in no more, and its name is given to nobody else. */
  async delete(name: string, { signal }: SignalOptions = {}): Promise<void> {
    await this.#rest.json({ route: routes.deleteUser, user: name, signal });
  }

  /** Brings a deleted one back. */
  async restore(name: string, { signal }: SignalOptions = {}): Promise<User> {
    return await this.#change({ route: routes.restoreUser, user: name, signal });
  }

  /** Shuts it out of every door, and ends what it has open. */
  async lock(name: string, { signal }: SignalOptions = {}): Promise<User> {
    return await this.#change({ route: routes.lockUser, user: name, signal });
  }

  async unlock(name: string, { signal }: SignalOptions = {}): Promise<User> {
    return await this.#change({ route: routes.unlockUser, user: name, signal });
  }

  /** Gives it a password that it has to change, or, with null, none; without one the server makes one and it is returned. */
  async setPassword(
    name: string,
    { signal, ...body }: SignalOptions & { password?: string | null | undefined } = {},
  ): Promise<string | null> {
    const call = { route: routes.setUserPassword, user: name, body, signal, patienceMs: 0 };
    return asOneTimePassword(await this.#rest.json(call), this.#rest.url).password;
  }

  /** Says that whom a provider knows by this subject is this account. Throws NAME_TAKEN where it is another's. */
  async link(
    name: string,
    { signal, ...body }: SignalOptions & { provider: string; subject: string },
  ): Promise<UserDetails> {
    return (await this.#change({ route: routes.linkUser, user: name, body, signal })) as UserDetails;
  }

  async unlink(
    name: string,
    { signal, ...body }: SignalOptions & { provider: string; subject: string },
  ): Promise<UserDetails> {
    return (await this.#change({ route: routes.unlinkUser, user: name, body, signal })) as UserDetails;
  }

  async #change(call: Parameters<Rest["json"]>[0]): Promise<User> {
    return asUser(await this.#rest.json(call), this.#rest.url);
  }
}
