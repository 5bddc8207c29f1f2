import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "../support/api-bench.ts";
import { kriten } from "../support/kriten-rows.ts";
import { peopleOf } from "../support/people.ts";

const page = "https://console.example.com";
const other = "https://console.example.com.example.org";
let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open(undefined, { kriten: { origins: [page] } });
  await account("eve");
});
afterAll(() => api[Symbol.asyncDispose]());

const { account, secret } = peopleOf(() => api);
const from = (origin: string) => ({ origin, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" });
const asked = { "access-control-request-method": "POST", "access-control-request-headers": "token" };
const login = { username: "eve", password: secret, provider: "local" };

async function ask(request: string, headers: Record<string, string>, body?: unknown) {
  const [method = "", path = ""] = request.split(" ");
  const answer = await api.call(`${method} ${kriten}${path}`, { as: null, headers, body });
  const named = Object.entries(answer.headers).filter(([name]) => name.startsWith("access-control-"));
  return { ...answer, allowed: Object.fromEntries(named) };
}

describe("a page of another site, at Kriten's door", () => {
  it("may ask where it is named, by what it shows itself, and read how many there are", async () => {
    const before = await ask("OPTIONS /tasks", { ...from(page), ...asked });
    expect([before.status, before.text, before.headers["vary"]]).toEqual([204, "", "Origin"]);
    expect(before.allowed).toEqual({
      "access-control-allow-origin": page,
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "Origin, Content-Type, Content-Range, Authorization, Token",
      "access-control-expose-headers": "Content-Length, Content-Range",
      "access-control-max-age": "600",
    });
    const { status, body, headers } = await ask("POST /login", from(page), login);
    expect([status, headers["set-cookie"]]).toEqual([200, undefined]);
    const authorization = `Bearer ${(body as { token: string }).token}`;
    const list = await ask("GET /tasks", { ...from(page), authorization });
    expect([list.status, list.headers["content-range"], list.allowed]).toEqual([
      200,
      "0",
      {
        "access-control-allow-origin": page,
        "access-control-expose-headers": "Content-Length, Content-Range",
      },
    ]);
  });

  it("is told why it was refused", async () => {
    for (const request of ["GET /tasks", "GET /nothing", "GET /tasks/"])
      expect((await ask(request, from(page))).allowed).toMatchObject({ "access-control-allow-origin": page });
  });

  it("may not ask where it is not named, nor by a cookie, nor anywhere else", async () => {
    for (const origin of [other, "null", "http://console.example.com", `${page}:8443`, `${page}, ${other}`]) {
      const before = await ask("OPTIONS /tasks", { ...from(origin), ...asked });
      expect([origin, before.status, before.allowed]).toEqual([origin, 404, {}]);
      const { status, allowed } = await ask("POST /login", from(origin), login);
      expect([origin, status, allowed]).toEqual([origin, 403, {}]);
    }
    const kept = String((await ask("POST /login", {}, login)).headers["set-cookie"]).split(";")[0] ?? "";
    expect((await ask("GET /tasks", { cookie: kept })).status).toBe(200);
    expect((await ask("GET /tasks", { ...from(page), cookie: kept })).status).toBe(403);
    const own = await api.call("OPTIONS /api/v1/tasks", { as: null, headers: { ...from(page), ...asked } });
    expect(own.headers["access-control-allow-origin"]).toBeUndefined();
  });
});

it("no page of another site is allowed anything where none is named", async () => {
  await using closed = await ApiBench.open();
  const headers = { ...from(page), ...asked };
  const { status, headers: said } = await closed.call(`OPTIONS ${kriten}/tasks`, { as: null, headers });
  expect([status, said["access-control-allow-origin"], said["vary"]]).toEqual([404, undefined, undefined]);
});
