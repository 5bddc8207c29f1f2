import type { CreatedToken, Token, TokenList } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { asCreatedToken, asToken, asTokenList } from "../answers.ts";
import type { SignalOptions } from "../job/job-handle.ts";
import type { Rules } from "./roles.ts";

/** Tokens by which principals come in over REST. */
export class Tokens {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /**
   * Makes a token for a principal; its text is in the answer, and never again. For oneself, or, as whoever
   * may make tokens of others, for a name that holds no more than one does. Throws FORBIDDEN, TOO_MANY_TOKENS.
   *
   * @param options.ttl as in `24h`; default `30d`
   * @param options.scope the most that it may be used for; default: all that its principal may do
   */
  async create(
    options: SignalOptions & {
      user: string;
      ttl?: string | undefined;
      label?: string | undefined;
      scope?: Rules | undefined;
    },
  ): Promise<CreatedToken> {
    const { signal, ...body } = options;
    const answer = await this.#rest.json({ route: routes.createToken, body, signal, patienceMs: 0 });
    return asCreatedToken(answer, this.#rest.url);
  }

  /** Throws TOKEN_NOT_FOUND. */
  async get(id: string, { signal }: SignalOptions = {}): Promise<Token> {
    return asToken(await this.#rest.json({ route: routes.getToken, token: id, signal }), this.#rest.url);
  }

  /** Oldest first; one's own, or, as an administrator, everybody's. */
  async list(
    options: SignalOptions & { user?: string | undefined; limit?: number; cursor?: string | undefined } = {},
  ): Promise<TokenList> {
    const { signal, ...query } = options;
    const answer = await this.#rest.json({ route: routes.listTokens, query, signal });
    return asTokenList(answer, this.#rest.url);
  }

  /** Revokes a token, one's own or, as an administrator, anybody's: what is open by it ends. Throws TOKEN_NOT_FOUND. */
  async delete(id: string, options: SignalOptions = {}): Promise<void> {
    await this.#rest.json({ route: routes.deleteToken, token: id, signal: options.signal });
  }
}
