import { operations, type Operation } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newId } from "../src/lib/ids.ts";
import { ApiBench } from "./support/api-bench.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
});
afterAll(() => api[Symbol.asyncDispose]());

/** What administrators alone may do. */
const keepersOnly = [
  "read server",
  "admin certificates",
  "create bindings",
  "delete bindings",
  "list secrets",
  "read secrets",
  "create secrets",
  "update secrets",
  "delete secrets",
  "admin secrets",
  "create networks",
  "update networks",
  "delete networks",
  "update quotas",
  "delete quotas",
  "create users",
  "update users",
  "delete users",
  "admin users",
  "list groups",
  "read groups",
  "create groups",
  "update groups",
  "delete groups",
  "create roles",
  "update roles",
  "delete roles",
  "list audit",
  "read audit",
  "delete audit",
];

it("registers no route that does not state its permission", async () => {
  await using fresh = await ApiBench.open();
  expect(() => fresh.app.get("/open-door", async () => "come in")).toThrow(
    'Cannot register route "GET /open-door": it states no permission',
  );
});

it("has a route for every operation of the contract, with its permission", () => {
  for (const { method, path, permission } of Object.values(operations as Record<string, Operation>)) {
    const url = path.replaceAll(/\{(\w+)\}/g, ":$1");
    const route = api.app.routeTable.find(
      (one) => one.method === method && one.url === url && !one.isRefusal,
    );
    expect(route?.permission).toEqual(permission);
  }
});

it("is open to everybody where it says nothing of anybody, and nowhere else", () => {
  const open = api.app.routeTable.filter(({ permission, isRefusal }) => permission === null && !isRefusal);
  expect(open.map(({ method, url }) => `${url} ${method}`).toSorted()).toEqual([
    "/ GET",
    "/ HEAD",
    "/api/v1/docs GET",
    "/api/v1/docs/* GET",
    "/api/v1/login POST",
    "/api/v1/login/device POST",
    "/api/v1/login/device/collect POST",
    "/api/v1/openapi.json GET",
    "/api/v1/openapi.json HEAD",
    "/api/v1/webhooks/:name/run POST",
    "/healthz GET",
    "/healthz HEAD",
    "/kriten/api/v1/login POST",
    "/kriten/api/v1/webhooks/run/:webhook POST",
    "/login GET",
    "/login HEAD",
    "/login POST",
    "/login/oidc/:issuer GET",
    "/login/oidc/:issuer/callback GET",
    "/login/password GET",
    "/login/password HEAD",
    "/login/password POST",
    "/login/style.css GET",
    "/login/style.css HEAD",
    "/logout POST",
    "/readyz GET",
    "/readyz HEAD",
  ]);
});

/** Kriten's clients know an empty list here, where Berth refuses. */
const narrowed = ["groups", "role_bindings"].flatMap((list) =>
  ["GET", "HEAD"].map((method) => `${method} /kriten/api/v1/${list}`),
);

it("asks every caller of every other route for a token, and every role for its permission", async () => {
  const guarded = api.app.routeTable.filter(({ permission }) => permission !== null);
  expect(guarded.length).toBeGreaterThan(12);
  for (const { method, url, permission } of guarded) {
    const request = `${method} ${url.replace(":id", newId()).replace("quotas/:user", "quotas/ann").replace("*", "x")}`;
    // Kriten's clients know it so.
    const unknown = url === "/kriten/api/v1/refresh" ? 400 : 401;
    expect([request, (await api.call(request, { as: null })).status]).toEqual([request, unknown]);
    expect((await api.call(request, { as: "root" })).status).not.toBe(403);
    const wanted = `${permission?.verb} ${permission?.resource}`;
    const isForUsers = !keepersOnly.includes(wanted) || narrowed.includes(`${method} ${url}`);
    expect([request, (await api.call(request, { as: "ann" })).status !== 403]).toEqual([request, isForUsers]);
  }
});

it("shows the counters to administrators", async () => {
  const shown = await api.call("GET /metrics", { as: "root" });
  expect(shown.status).toBe(200);
  expect(shown.text).toContain('berth_slots{engine="fake",use="busy"} 4');
});

it("shows administrators the jobs of all, users their own", async () => {
  const job = await api.jobOf("running");
  const listed = async (as: "root" | "ann" | "bob") =>
    ((await api.call("GET /api/v1/jobs", { as })).body as { items: { id: string }[] }).items.map(
      ({ id }) => id,
    );
  expect(await listed("root")).toContain(job.id);
  expect(await listed("ann")).toContain(job.id);
  expect(await listed("bob")).toEqual([]);
});
