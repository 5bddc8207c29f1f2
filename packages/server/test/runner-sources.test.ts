import type { Job, Runner } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
});
afterAll(() => api[Symbol.asyncDispose]());

const url = "https://git.example.org/sales/reports.git";
const root = (request: string, body?: unknown) => api.call(request, { as: "root", body });
const define = (name: string, spec: object) => root("POST /api/v1/runners", { name, spec });

it("a runner says where the code of its tasks comes from, and nothing of what is shown there", async () => {
  await root("POST /api/v1/secrets", { name: "reports-git", values: { token: "correct-horse" } });
  const spec = { url, ref: "v2", subdir: "tools", credentials: { token: { secret: "reports-git" } } };
  const { status, body } = await define("reports", spec);
  expect([status, (body as Runner).spec]).toEqual([201, spec]);
  const changed = await root("PATCH /api/v1/runners/reports", { spec: { ref: null, refresh: "5m" } });
  expect((changed.body as Runner).spec).toEqual({ ...spec, ref: undefined, refresh: "5m" });
  expect(JSON.stringify(changed.body)).not.toContain("correct-horse");
});

it("all that is wrong with it is told at once, and nothing is stored", async () => {
  const spec = { url: "ext::sh", ref: "--upload-pack=touch", subdir: "../.." };
  expect(await define("wrong", spec)).toMatchObject({
    status: 400,
    body: {
      code: "REQUEST_INVALID",
      problems: [{ field: "spec.url" }, { field: "spec.ref" }, { field: "spec.subdir" }],
    },
  });
  expect(await define("wrong", { ref: "main" })).toMatchObject({ status: 400 });
  expect(await define("wrong", { url, subdir: "..", ca: "x" })).toMatchObject({
    status: 400,
    body: { problems: [{ field: "spec.subdir" }, { field: "spec.ca" }] },
  });
  expect(await define("wrong", { url, ca: "x" })).toMatchObject({ status: 400 });
  expect(await define("wrong", { url, sourceLimit: "1KiB" })).toMatchObject({ status: 400 });
  expect(await define("wrong", { url, image: "-v /:/host" })).toMatchObject({ status: 400 });
  expect((await root("GET /api/v1/runners/wrong")).status).toBe(404);
});

it("whoever defines it must be allowed the secret that is shown there", async () => {
  const spec = { url, credentials: { token: { secret: "reports-git" } } };
  const made = await api.call("POST /api/v1/runners", { body: { name: "stolen", spec } });
  expect(made).toMatchObject({ status: 403, body: { code: "SECRET_NOT_ALLOWED" } });
});

it("an image is kept, and its tasks are refused where the engine has no such", async () => {
  const image = "registry.example.org/reports:2";
  expect((await define("boxed", { image })).status).toBe(201);
  await root("POST /api/v1/tasks", { name: "boxed", spec: { runner: "boxed", command: "true" } });
  const why = 'has no root of kind "image", only "host-toolchain"';
  const { status, body } = await root("POST /api/v1/tasks/boxed/run");
  expect([status, body]).toEqual([
    422,
    expect.objectContaining({ code: "ENGINE_UNABLE", message: expect.stringContaining(why) as string }),
  ]);
  expect(((await root("GET /api/v1/jobs")).body as { items: Job[] }).items).toEqual([]);
});
