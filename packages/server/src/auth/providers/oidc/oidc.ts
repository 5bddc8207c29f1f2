import { BerthError } from "@berth/protocol";
import * as oidc from "openid-client";
import { unavailable } from "../far/unavailable.ts";
import type { ProvenIdentity } from "../provider.ts";
import type { OidcOptions } from "./oidc-options.ts";
import { openClient, whyOf } from "./open-client.ts";
import { readClaims } from "./read-claims.ts";

/** A login that somebody goes on with in a browser, on whatever device. */
export interface DeviceStart {
  userCode: string;
  verificationUri: string;
  /** With the code in it; null where the issuer has none. */
  verificationUriComplete: string | null;
  /** From now. */
  expiresInMs: number;
  /** Who it was; null where that one refused or did not come. Rejects with IDENTITY_UNAVAILABLE. */
  proven: (signal: AbortSignal) => Promise<ProvenIdentity | null>;
}

/** A login that goes on in the browser that asks for it, and comes back from there. */
export interface CodeStart {
  /** The issuer's page. */
  url: string;
  /** By which the browser's return is known. */
  state: string;
  /** Who it was that has come back with this query; null where that one refused. Rejects with IDENTITY_UNAVAILABLE. */
  proven: (query: URLSearchParams) => Promise<ProvenIdentity | null>;
}

/** For so long it is known where an issuer's page is: whoever leaves for it again and again asks us, and not the issuer. */
const LEAVING_MS = 60_000;

const REFUSALS: ReadonlySet<string> = new Set(["access_denied", "expired_token"]);

/** An issuer of OpenID Connect, whose client the server is. */
export class Oidc {
  readonly #options: OidcOptions;
  #leaving: { client: Promise<oidc.Configuration>; until: number } | null = null;

  constructor(options: OidcOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get clientId(): string {
    return this.#options.clientId;
  }

  /** Throws IDENTITY_UNAVAILABLE. */
  async startDevice(): Promise<DeviceStart> {
    const { scopes } = this.#options;
    try {
      const client = await openClient(this.#options);
      const scope = ["openid", ...scopes].join(" ");
      const started = await oidc.initiateDeviceAuthorization(client, { scope });
      return {
        userCode: started.user_code,
        verificationUri: webOnly(started.verification_uri),
        verificationUriComplete:
          started.verification_uri_complete === undefined ? null : webOnly(started.verification_uri_complete),
        expiresInMs: started.expires_in * 1000,
        proven: (signal) => this.#provenBy(client, started, signal),
      };
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  /** Throws IDENTITY_UNAVAILABLE. */
  async startCode(redirectUri: string): Promise<CodeStart> {
    const { scopes } = this.#options;
    const expected = {
      pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
      expectedState: oidc.randomState(),
      expectedNonce: oidc.randomNonce(),
    };
    try {
      const url = oidc.buildAuthorizationUrl(await this.#clientForLeaving(), {
        redirect_uri: redirectUri,
        scope: ["openid", ...scopes].join(" "),
        state: expected.expectedState,
        nonce: expected.expectedNonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(expected.pkceCodeVerifier),
        code_challenge_method: "S256",
      });
      const proven: CodeStart["proven"] = (query) => this.#provenByCode(redirectUri, { query, expected });
      return { url: webOnly(url.href), state: expected.expectedState, proven };
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  /** What fails on the way to it; null where nothing does. */
  async examine(): Promise<string | null> {
    try {
      const metadata = (await openClient(this.#options)).serverMetadata();
      if ((metadata.device_authorization_endpoint ?? metadata.authorization_endpoint) === undefined)
        return "it has no way to log in by a browser or a device (`authorization_endpoint`)";
      return null;
    } catch (error) {
      return whyOf(error);
    }
  }

  async #clientForLeaving(): Promise<oidc.Configuration> {
    const now = performance.now();
    if (this.#leaving !== null && this.#leaving.until > now) return await this.#leaving.client;
    const client = openClient(this.#options);
    this.#leaving = { client, until: now + LEAVING_MS };
    try {
      return await client;
    } catch (error) {
      this.#leaving = null;
      throw error;
    }
  }

  /** Its keys are read anew: a code is spent by the first try. */
  async #provenByCode(
    redirectUri: string,
    { query, expected }: { query: URLSearchParams; expected: oidc.AuthorizationCodeGrantChecks },
  ): Promise<ProvenIdentity | null> {
    try {
      const client = await openClient(this.#options);
      const came = new URL(redirectUri);
      came.search = query.toString();
      const tokens = await oidc.authorizationCodeGrant(client, came, { ...expected, idTokenExpected: true });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error("its answer does not say who it was (`id_token`)");
      return readClaims(await this.#withGroups(client, tokens.access_token, claims), this.#options);
    } catch (error) {
      if (error instanceof oidc.AuthorizationResponseError && REFUSALS.has(error.error)) return null;
      throw this.#unavailable(error);
    }
  }

  async #provenBy(
    client: oidc.Configuration,
    started: oidc.DeviceAuthorizationResponse,
    signal: AbortSignal,
  ): Promise<ProvenIdentity | null> {
    try {
      const tokens = await oidc.pollDeviceAuthorizationGrant(client, started, undefined, { signal });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error("its answer does not say who it was (`id_token`)");
      return readClaims(await this.#withGroups(client, tokens.access_token, claims), this.#options);
    } catch (error) {
      if (error instanceof oidc.ResponseBodyError && REFUSALS.has(error.error)) return null;
      throw this.#unavailable(error);
    }
  }

  /** Some say more where they are asked than they sign. Whose it is they must say in the same way. */
  async #withGroups<Claims extends { sub: string }>(
    client: oidc.Configuration,
    token: string,
    claims: Claims,
  ): Promise<Claims> {
    const { groups } = this.#options.claims;
    if (groups in claims || client.serverMetadata().userinfo_endpoint === undefined) return claims;
    const more = await oidc.fetchUserInfo(client, token, claims.sub);
    return { ...more, ...claims };
  }

  #unavailable(error: unknown): BerthError {
    if (error instanceof BerthError) return error;
    return unavailable(`Cannot log in by "${this.name}"`, `${this.#options.issuer.href}: ${whyOf(error)}`);
  }
}

/** It is shown to people, who open it. */
function webOnly(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !["https:", "http:"].includes(url.protocol))
    throw new Error("its page for people has no address of the web");
  return url.href;
}
