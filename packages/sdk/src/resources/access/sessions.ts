import type { DeviceLogin, LoggedIn, SessionList } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { asCollectedLogin, asDeviceLogin, asLoggedIn, asSessionList } from "./access-answers.ts";
import type { SignalOptions } from "../job/job-handle.ts";

/** Logins: of people, by name and password. */
export class Sessions {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /**
   * Logs in: the `token` of the answer is for a client of its own. Throws UNAUTHENTICATED, TOO_MANY_ATTEMPTS.
   *
   * @param login.provider who is to say who this is; default `local`, the accounts of the server itself
   * @example
   * ```ts
   * const { token } = await new Berth({ url }).sessions.create({ name: "ann", password });
   * const berth = new Berth({ url, token });
   * ```
   */
  async create(
    login: SignalOptions & { name: string; password: string; provider?: string | undefined },
  ): Promise<LoggedIn> {
    const { signal, ...body } = login;
    const answer = await this.#rest.json({ route: routes.logIn, body, signal, patienceMs: 0 });
    return asLoggedIn(answer, this.#rest.url);
  }

  /**
   * Begins a login by an issuer: somebody opens `verificationUri` on whatever device and types `userCode`, while this client
   * asks `collectDevice` now and then. Throws TOO_MANY_ATTEMPTS, IDENTITY_UNAVAILABLE.
   */
  async beginDevice(login: SignalOptions & { provider: string }): Promise<DeviceLogin> {
    const { signal, ...body } = login;
    const answer = await this.#rest.json({ route: routes.beginDeviceLogin, body, signal, patienceMs: 0 });
    return asDeviceLogin(answer, this.#rest.url);
  }

  /** The login, once, when it is decided; null before. Throws UNAUTHENTICATED where it was refused, LOGIN_NOT_FOUND after its end. */
  async collectDevice(id: string, { signal }: SignalOptions = {}): Promise<LoggedIn | null> {
    const { url } = this.#rest;
    const answer = await this.#rest.json({ route: routes.collectDeviceLogin, body: { id }, signal });
    const { login } = asCollectedLogin(answer, url);
    return login === null ? null : asLoggedIn(login, url);
  }

  /** Ends the session by which this client comes. Throws SESSION_NOT_FOUND where it comes by something else. */
  async end(options: SignalOptions = {}): Promise<void> {
    await this.#rest.json({ route: routes.logOut, signal: options.signal });
  }

  /** Oldest first; one's own, or, as an administrator, everybody's. */
  async list(
    options: SignalOptions & { user?: string | undefined; limit?: number; cursor?: string | undefined } = {},
  ): Promise<SessionList> {
    const { signal, ...query } = options;
    const answer = await this.#rest.json({ route: routes.listSessions, query, signal });
    return asSessionList(answer, this.#rest.url);
  }

  /** Ends a session, one's own or, as an administrator, anybody's: what is open by it ends. Throws SESSION_NOT_FOUND. */
  async delete(id: string, options: SignalOptions = {}): Promise<void> {
    await this.#rest.json({ route: routes.deleteSession, session: id, signal: options.signal });
  }

  /** Chooses another password for oneself; all other sessions end. Throws UNAUTHENTICATED, REQUEST_INVALID. */
  async changePassword(passwords: SignalOptions & { current: string; password: string }): Promise<void> {
    const { signal, ...body } = passwords;
    await this.#rest.json({ route: routes.changePassword, body, signal, patienceMs: 0 });
  }
}
