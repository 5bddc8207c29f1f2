import type { CreatedToken, TokenList } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { asCreatedToken, asTokenList } from "../answers.ts";
import type { SignalOptions } from "../job/job-handle.ts";

/** Tokens by which principals come in over REST. */
export class Tokens {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /**
   * Makes a token for a principal; its text is in the answer, and never again. For administrators.
   *
   * @param options.ttl as in `24h`; default `30d`
   */
  async create(
    options: SignalOptions & { user: string; ttl?: string | undefined; label?: string | undefined },
  ): Promise<CreatedToken> {
    const { signal, ...body } = options;
    const answer = await this.#rest.json({ route: routes.createToken, body, signal, patienceMs: 0 });
    return asCreatedToken(answer, this.#rest.url);
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
