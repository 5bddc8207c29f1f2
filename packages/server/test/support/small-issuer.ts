import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { OidcOptions } from "../../src/auth/providers/oidc/oidc-options.ts";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** Of a server that is the client of this issuer. */
export const optionsOf = (issuer: string, more: Partial<OidcOptions> = {}): OidcOptions => ({
  name: "sso",
  issuer: new URL(issuer),
  clientId: "berth",
  clientSecret: "a secret: with % in it",
  ca: null,
  scopes: ["groups"],
  claims: { name: "preferred_username", display: "name", groups: "groups" },
  groupMap: null,
  timeoutMs: 10_000,
  ...more,
});

export type Keys = { publicKey: CryptoKey; privateKey: CryptoKey };

/** An issuer of OpenID Connect that says what a test wants it to, in right ways and in wrong ones. */
export class SmallIssuer implements AsyncDisposable {
  readonly url: string;
  /** By which it signs unless it is told otherwise. */
  readonly own: Keys;
  readonly foreign: Keys;
  keys: JWK[] = [];
  metadata: Record<string, unknown> = {};
  /** How often it was asked for what it says of itself. */
  asked = 0;
  /** Beside those that each token has. */
  claims: Record<string, unknown> = {};
  token: () => Promise<Record<string, unknown>> = () => this.signedBy(this.own.privateKey, {});
  readonly #server: Server;

  private constructor(server: Server, { own, foreign }: { own: Keys; foreign: Keys }) {
    this.#server = server;
    this.own = own;
    this.foreign = foreign;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<SmallIssuer> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const issuer = new SmallIssuer(server, {
      own: await generateKeyPair("RS256"),
      foreign: await generateKeyPair("RS256"),
    });
    server.on("request", (request, response) => {
      void issuer.#answer(request.url ?? "").then((value) => {
        response.setHeader("content-type", "application/json");
        response.statusCode = typeof value === "object" && value !== null && "error" in value ? 400 : 200;
        response.end(JSON.stringify(value));
      });
    });
    await issuer.behave();
    return issuer;
  }

  /** As an issuer should. */
  async behave(): Promise<void> {
    this.keys = [await jwkOf(this.own.publicKey, "1")];
    this.claims = {};
    this.metadata = {
      issuer: this.url,
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: `${this.url}/keys`,
      device_authorization_endpoint: `${this.url}/device`,
      id_token_signing_alg_values_supported: ["RS256"],
    };
    this.token = () => this.signedBy(this.own.privateKey, {});
  }

  async signedBy(key: CryptoKey, claims: object, kid = "1"): Promise<Record<string, unknown>> {
    const text = await new SignJWT(this.#claimsOf(claims))
      .setProtectedHeader({ alg: "RS256", kid })
      .sign(key);
    return answerWith(text);
  }

  async unsigned(claims: object): Promise<Record<string, unknown>> {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    return answerWith(`${part({ alg: "none" })}.${part(this.#claimsOf(claims))}.`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await Promise.resolve();
  }

  #claimsOf(claims: object): Record<string, unknown> {
    const now = Math.floor(Date.now() / 1000);
    const whole = { iss: this.url, aud: "berth", sub: "7", iat: now, exp: now + 60 };
    return { ...whole, preferred_username: "ann", ...this.claims, ...claims };
  }

  async #answer(path: string): Promise<unknown> {
    if (path === "/.well-known/openid-configuration") {
      this.asked += 1;
      return this.metadata;
    }
    if (path === "/keys") return { keys: this.keys };
    if (path === "/me") return { sub: "somebody else", groups: ["admins"] };
    if (path === "/token") return await this.token();
    const verification_uri = `${this.url}/codes`;
    return { device_code: "d", user_code: "AAAA", verification_uri, expires_in: 60, interval: 0.01 };
  }
}

export async function jwkOf(key: CryptoKey, kid: string): Promise<JWK> {
  return { ...(await exportJWK(key)), kid, alg: "RS256", use: "sig" };
}

function answerWith(idToken: string): Record<string, unknown> {
  return { access_token: "x", token_type: "bearer", id_token: idToken };
}
