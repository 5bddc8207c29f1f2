import type { Explanation } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { givenRoles } from "../src/auth/roles.ts";
import type { DatabaseAddress } from "../src/core/database-address.ts";
import { ApiBench } from "./support/api-bench.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { until } from "./support/until.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: grants of images on PostgreSQL, because ${missing}`);

const image = "registry.example.org/reports:2";

const kinds: { kind: DatabaseAddress["kind"] }[] = [
  { kind: "sqlite" },
  ...(missing === null ? [{ kind: "postgres" as const }] : []),
];

describe.each(kinds)("images on $kind", ({ kind }) => {
  const scope = new AsyncDisposableStack();
  let api: ApiBench;
  beforeAll(async () => {
    api = scope.use(await ApiBench.open(() => ({}), {}, { database: await databaseOf(kind, scope) }));
  });
  afterAll(() => scope.disposeAsync());

  const root = (request: string, body?: object) => api.call(request, { as: "root", body });
  const define = (name: string, spec: object) =>
    api.call("POST /api/v1/runners", { as: "ann", body: { name, spec } });
  const codeOf = (answer: { body: unknown }) => (answer.body as { code?: string } | null)?.code;

  async function grant(role: string, names: string[]): Promise<void> {
    const rules = [{ resource: "images", names, verbs: ["execute"] }];
    expect((await root("POST /api/v1/roles", { name: role, rules })).status).toBe(201);
    expect((await root("POST /api/v1/bindings", { role, user: "ann" })).status).toBe(201);
    await api.context.roles.reload(() => givenRoles(api.context.store));
  }

  async function explained(name: string): Promise<Explanation> {
    const question = `verb=execute&resource=images&principal=ann&name=${encodeURIComponent(name)}`;
    return (await root(`GET /api/v1/access/explain?${question}`)).body as Explanation;
  }

  it("are used by whom they are granted to, by their whole reference", async () => {
    expect([await define("early", { image }), await explained(image)]).toMatchObject([
      { status: 403, body: { code: "IMAGE_NOT_ALLOWED" } },
      { allowed: false },
    ]);
    await grant("reports-2", [image]);
    expect([(await define("granted", { image })).status, await explained(image)]).toMatchObject([
      201,
      { allowed: true, because: [{ role: "reports-2", via: [{ kind: "user", name: "ann" }] }] },
    ]);
    for (const near of [`${image}0`, image.slice(0, -1), "registry.example.org/reports", `${image}@sha256`])
      expect([near, codeOf(await define("near", { image: near }))]).toEqual([near, "IMAGE_NOT_ALLOWED"]);
  });

  it("are asked for again when the runner changes, and when it goes back", async () => {
    expect((await define("plain", {})).status).toBe(201);
    const patch = (spec: object, as: "ann" | "root" = "ann") =>
      api.call("PATCH /api/v1/runners/plain", { as, body: { spec } });
    expect(codeOf(await patch({ image: "other:1" }))).toBe("IMAGE_NOT_ALLOWED");
    expect((await patch({ image: "other:1" }, "root")).status).toBe(200);
    expect((await patch({ image })).status).toBe(200);
    const back = await api.call("POST /api/v1/runners/plain/rollback", { as: "ann", body: { version: 2 } });
    expect(codeOf(back)).toBe("IMAGE_NOT_ALLOWED");
  });

  it("a refusal is told before what the engine says of images, and is recorded", async () => {
    const task = { name: "boxed", spec: { runner: "granted", command: "true" } };
    expect((await api.call("POST /api/v1/tasks", { as: "ann", body: task })).status).toBe(201);
    const run = await api.call("POST /api/v1/tasks/boxed/run", { as: "ann" });
    expect([run.status, codeOf(run)]).toEqual([422, "ENGINE_UNABLE"]);
    const query = "outcome=denied&account=ann&resource=images";
    await until(
      async () => {
        const { items } = (await root(`GET /api/v1/audit?${query}`)).body as { items: { name: string }[] };
        return items.some(({ name }) => name === "other:1") || null;
      },
      { what: "the record of the refusal" },
    );
  });

  it("a token whose scope has no images uses none", async () => {
    const scope = [{ resource: "runners", names: ["*"], verbs: ["create"] }];
    const made = await root("POST /api/v1/tokens", { user: "ann", scope });
    expect(made.status).toBe(201);
    const headers = { authorization: `Bearer ${(made.body as { token: string }).token}` };
    const body = { name: "scoped", spec: { image } };
    expect(codeOf(await api.call("POST /api/v1/runners", { as: null, headers, body }))).toBe(
      "IMAGE_NOT_ALLOWED",
    );
  });

  it("a role for all of them gives all", async () => {
    await grant("every-image", ["*"]);
    expect((await define("any", { image: "busybox" })).status).toBe(201);
  });
});

async function databaseOf(
  kind: DatabaseAddress["kind"],
  scope: AsyncDisposableStack,
): Promise<DatabaseAddress> {
  if (kind === "sqlite") return { kind };
  const postgres = scope.use(await Postgres.start());
  return { kind, url: await postgres.database() };
}
