import type { ApiToken, TokenStore } from "../store/store.ts";
import { ShownCredentials } from "./shown-credentials.ts";
import { bearerToken, hashOf } from "./tokens.ts";

/** The API tokens that callers show. */
export class ShownTokens extends ShownCredentials<ApiToken> {
  constructor({
    tokens,
    now,
  }: {
    tokens: Pick<TokenStore, "findByHash" | "existing" | "used">;
    now: () => number;
  }) {
    super({ kind: "token", store: tokens, now });
  }

  /** The token of an `Authorization` header. Throws UNAUTHENTICATED when there is none that holds. */
  async check(authorization: string | undefined): Promise<ApiToken> {
    return await this.find(hashOf(bearerToken(authorization)));
  }
}
