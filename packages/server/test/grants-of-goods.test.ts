import type { Explanation } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { givenRoles } from "../src/auth/roles.ts";
import { newId } from "../src/lib/ids.ts";
import { ApiBench } from "./support/api-bench.ts";
import { until } from "./support/until.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open(({ policy }) => ({
    policy: {
      ...policy,
      enginesAllowed: [],
      network: {
        defined: { db: { addresses: ["10.1.2.3:5432/tcp"] } },
        allowed: ["internet"],
        default: "none",
      },
    },
  }));
});
afterAll(() => api[Symbol.asyncDispose]());

/** Submits and only checks, which must say the same. */
async function submits(body: object = {}): Promise<[number, unknown][]> {
  const paths = ["/api/v1/jobs", "/api/v1/jobs/check"];
  const answers = await Promise.all(
    paths.map((path) => api.call(`POST ${path}`, { as: "ann", body: { command: "true", ...body } })),
  );
  return answers.map(({ status, body: answer }) => [status, (answer as { code?: string } | null)?.code]);
}

async function explained(resource: string, name: string, principal = "ann"): Promise<Partial<Explanation>> {
  const question = `verb=execute&resource=${resource}&name=${name}&principal=${principal}`;
  return (await api.call(`GET /api/v1/access/explain?${question}`, { as: "root" })).body as Explanation;
}

async function give(resource: string, name: string): Promise<string> {
  const { store, roles } = api.context;
  const role = `${resource}-${name}`;
  const rules = [{ resource, names: [name], verbs: ["execute"] }];
  expect((await api.call("POST /api/v1/roles", { as: "root", body: { name: role, rules } })).status).toBe(
    201,
  );
  const body = { role, user: "ann" };
  const given = await api.call("POST /api/v1/bindings", { as: "root", body });
  await roles.reload(() => givenRoles(store));
  return (given.body as { id: string }).id;
}

it("engines and network profiles are used by whom they are granted by name, beside what settings give to all", async () => {
  expect(await submits()).toEqual([
    [403, "ENGINE_NOT_ALLOWED"],
    [403, "ENGINE_NOT_ALLOWED"],
  ]);
  expect(await explained("engines", "fake")).toMatchObject({ allowed: false });
  const engine = await give("engines", "fake");
  expect((await submits()).map(([status]) => status < 300)).toEqual([true, true]);
  expect(await explained("engines", "fake")).toMatchObject({
    allowed: true,
    because: [{ role: "engines-fake", via: [{ kind: "user", name: "ann", binding: engine }] }],
  });
  expect(await submits({ network: "db" })).toEqual([
    [403, "NETWORK_NOT_ALLOWED"],
    [403, "NETWORK_NOT_ALLOWED"],
  ]);
  const network = await give("networks", "db");
  expect((await submits({ network: "db" })).map(([status]) => status < 300)).toEqual([true, true]);
  expect((await api.call("GET /api/v1/networks/db", { as: "ann" })).body).toMatchObject({ allowed: true });
  expect(await explained("networks", "db")).toMatchObject({ because: [{ via: [{ binding: network }] }] });
  // Names are met letter by letter.
  expect(await explained("networks", "d")).toMatchObject({ allowed: false });
  expect(await explained("networks", "internet", newId())).toEqual({
    allowed: true,
    because: [],
    missing: null,
    setting: "BERTH_NETWORK_ALLOWED",
  });
  const denied = async () =>
    (
      (await api.call("GET /api/v1/audit?outcome=denied&account=ann", { as: "root" })).body as {
        items: { verb: string; resource: string; name: string }[];
      }
    ).items.map(({ verb, resource, name }) => `${verb} ${resource} ${name}`);
  expect((await submits({ secrets: [{ name: "vault" }] }))[0]).toEqual([403, "SECRET_NOT_ALLOWED"]);
  const refused = ["execute engines fake", "execute networks db", "execute secrets vault"];
  await until(
    async () => {
      const all = await denied();
      return refused.every((one) => all.includes(one)) || null;
    },
    {
      what: "the records of the refusals",
    },
  );
  await api.call(`DELETE /api/v1/bindings/${engine}`, { as: "root" });
  expect((await submits())[0]).toEqual([403, "ENGINE_NOT_ALLOWED"]);
});

it("every engine is for everybody who may submit, where no setting says otherwise", async () => {
  await using other = await ApiBench.open();
  expect((await other.call("POST /api/v1/jobs", { as: "ann", body: { command: "true" } })).status).toBe(201);
  const question = "verb=execute&resource=engines&name=fake";
  expect((await other.call(`GET /api/v1/access/explain?${question}`, { as: "ann" })).body).toMatchObject({
    allowed: true,
    setting: "BERTH_ENGINES_ALLOWED",
  });
});
