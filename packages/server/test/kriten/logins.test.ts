import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "../support/api-bench.ts";
import { error, kriten, play, text, time, uuid } from "../support/kriten-rows.ts";
import { peopleOf } from "../support/people.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
  await account("eve");
});
afterAll(() => api[Symbol.asyncDispose]());

const { account, secret } = peopleOf(() => api);

describe("K3: who asks", () => {
  const login = (more: object) => ({ username: "eve", password: secret, provider: "local", ...more });
  play(() => api, {
    "POST /login": { as: null, sent: login({}), answer: { token: text(/^berth_s_[\w-]{43}$/) } },
    "POST /login (wrong)": {
      as: null,
      sent: login({ password: "wrong" }),
      status: 401,
      answer: error("invalid credentials."),
    },
    "POST /login (nobody)": {
      as: null,
      sent: login({ username: "no" }),
      status: 401,
      answer: error("invalid credentials."),
    },
    "POST /login (elsewhere)": {
      as: null,
      sent: login({ provider: "google" }),
      status: 400,
      answer: error("provider does not exist", { providers: ["local"] }),
    },
    "POST /login (half)": {
      as: null,
      sent: { username: "eve" },
      status: 400,
      answer: error("Cannot read the request: password is missing; provider is missing"),
    },
    "GET /refresh": { as: null, status: 400, answer: error("please authenticate.") },
    "GET /refresh (wrong)": {
      as: null,
      headers: { cookie: "token=berth_s_x" },
      status: 401,
      answer: error("invalid token."),
    },
    "GET /runners": { as: null, status: 401, answer: error("please authenticate.") },
    "GET /tasks": { as: null, headers: { token: "kri_x" }, status: 401, answer: error("invalid token.") },
    "GET /jobs": {
      as: null,
      headers: { authorization: "Bearer x" },
      status: 401,
      answer: error("invalid token."),
    },
    "GET /users": { as: null, headers: { cookie: "token=x" }, status: 401, answer: error("invalid token.") },
    "GET /groups/x": { as: "ann", status: 403, answer: error("unauthorized - user cannot access resource") },
  });

  it("is told by the cookie of a login as well, and by a token that is made here", async () => {
    const { headers, body } = await api.call(`POST ${kriten}/login`, { as: null, body: login({}) });
    const cookie = String(headers["set-cookie"]);
    const { token } = body as { token: string };
    expect(cookie).toBe(`token=${token}; Path=/kriten/api/v1; HttpOnly; SameSite=Strict`);
    const kept = { cookie: `token=${token}` };
    expect((await api.call(`GET ${kriten}/refresh`, { as: null, headers: kept })).body).toEqual({ token });
    const made = await api.call(`POST ${kriten}/api_tokens`, {
      as: null,
      headers: kept,
      body: { description: "ci", expires: "2100-01-01T00:00:00Z" },
    });
    expect(made.body).toEqual({
      id: uuid,
      owner: uuid,
      enabled: true,
      expires: time,
      key: text(/^kri_[A-Za-z0-9]{36}$/),
      description: "ci",
      created_at: time,
      updated_at: time,
    });
    const { id, key } = made.body as { id: string; key: string };
    const byKey = (request: string) => api.call(request, { as: null, headers: { token: key } });
    const listed = await byKey(`GET ${kriten}/api_tokens`);
    expect([listed.headers["content-range"], listed.text.includes(key)]).toEqual(["1", false]);
    expect((await byKey(`GET ${kriten}/api_tokens/${id}`)).body).toMatchObject({
      owner: uuid,
      description: "ci",
    });
    expect((await byKey(`DELETE ${kriten}/api_tokens/${id}`)).body).toEqual({
      msg: "api token deleted successfully",
    });
    expect(await byKey(`GET ${kriten}/api_tokens`)).toMatchObject({
      status: 401,
      body: error("invalid token."),
    });
  });

  it("is nobody where another site's page asks by that cookie", async () => {
    const { body } = await api.call(`POST ${kriten}/login`, { as: null, body: login({}) });
    const cookie = `token=${(body as { token: string }).token}`;
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]) {
      for (const request of ["POST /api_tokens", "GET /api_tokens", "POST /login"]) {
        const [method, path] = request.split(" ");
        const sent = path === "/login" ? login({}) : method === "POST" ? { description: "x" } : undefined;
        const answer = await api.call(`${method} ${kriten}${path}`, {
          as: null,
          headers: { cookie, ...headers },
          body: sent,
        });
        expect([request, headers, answer.status]).toEqual([request, headers, 403]);
      }
    }
  });
});
