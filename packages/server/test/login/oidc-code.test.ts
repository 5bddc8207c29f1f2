import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Oidc } from "../../src/auth/providers/oidc/oidc.ts";
import { optionsOf, SmallIssuer } from "../support/small-issuer.ts";

describe("a return from an issuer with a code", () => {
  let issuer: SmallIssuer;
  beforeAll(async () => {
    issuer = await SmallIssuer.start();
  });
  beforeEach(() => issuer.behave());
  afterAll(() => issuer[Symbol.asyncDispose]());

  const redirectUri = "http://localhost:7400/login/oidc/sso/callback";
  async function begin() {
    const { url, state, proven } = await new Oidc(optionsOf(issuer.url)).startCode(redirectUri);
    const asked = new URL(url).searchParams;
    issuer.claims = { nonce: asked.get("nonce") };
    return {
      asked,
      state,
      back: (more: object) => proven(new URLSearchParams({ code: "c", state, ...more })),
    };
  }

  it("is believed where nothing is wrong, and asked for with all that keeps it from others", async () => {
    const { asked, state, back } = await begin();
    expect(Object.fromEntries(asked)).toEqual({
      client_id: "berth",
      response_type: "code",
      redirect_uri: redirectUri,
      scope: "openid groups",
      state,
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge_method: "S256",
    });
    expect(state).toMatch(/^[\w-]{43}$/);
    expect(await back({ iss: issuer.url })).toMatchObject({ subject: `${issuer.url} 7`, name: "ann" });
  });

  it("is asked for once a minute of who leaves, and by each who comes back", async () => {
    const sso = new Oidc(optionsOf(issuer.url));
    const before = issuer.asked;
    const all = await Promise.all(Array.from({ length: 5 }, () => sso.startCode(redirectUri)));
    expect(new Set(all.map(({ state }) => state)).size).toBe(5);
    expect(issuer.asked - before).toBe(1);
    const [{ url, state, proven }] = all as [(typeof all)[0], ...typeof all];
    issuer.claims = { nonce: new URL(url).searchParams.get("nonce") };
    expect(await proven(new URLSearchParams({ code: "c", state }))).not.toBeNull();
    expect(issuer.asked - before).toBe(2);
  });

  it("is nobody's who has refused there", async () => {
    const { back } = await begin();
    expect(await back({ error: "access_denied" })).toBeNull();
  });

  it.each<[string, object, () => void]>([
    ["speaks of another login", { state: "other" }, () => undefined],
    ["comes from another issuer", { iss: "https://other.example" }, () => undefined],
    [
      "does not say from whom, though that one always says so",
      {},
      () => (issuer.metadata = { ...issuer.metadata, authorization_response_iss_parameter_supported: true }),
    ],
    ["is for another question", {}, () => (issuer.claims = { nonce: "another" })],
    ["is for no question", {}, () => (issuer.claims = {})],
    ["is an error", { error: "server_error" }, () => undefined],
    ["has a code that is spent", {}, () => (issuer.token = async () => ({ error: "invalid_grant" }))],
    [
      "is signed by somebody else",
      {},
      () => (issuer.token = () => issuer.signedBy(issuer.foreign.privateKey, {})),
    ],
    ["is signed by nobody", {}, () => (issuer.token = () => issuer.unsigned({}))],
    [
      "says not who it was",
      {},
      () => (issuer.token = async () => ({ access_token: "x", token_type: "bearer" })),
    ],
  ])("lets nobody in that %s", async (_what, more, make) => {
    const { back } = await begin();
    make();
    await expect(back(more)).rejects.toMatchObject({ code: "IDENTITY_UNAVAILABLE" });
  });
});
