import { expect, it } from "vitest";
import { createFakeEngine } from "../src/engines/fake/engine.ts";
import { ApiBench } from "./support/api-bench.ts";
import { tempFolder } from "./support/temp-folder.ts";

it("a job that its engine cannot make the surroundings of is refused by name, and nothing of it is stored", async () => {
  await using folder = tempFolder();
  await using unable = await createFakeEngine({
    root: folder.path,
    capabilities: { networkProfiles: ["internet"] },
  });
  await using api = await ApiBench.open(() => ({ engines: new Map([["fake", unable]]) }));
  const { status, body } = await api.call("POST /api/v1/jobs", { body: { command: "true" } });
  expect([status, body]).toEqual([
    422,
    expect.objectContaining({
      code: "ENGINE_UNABLE",
      message: 'Cannot submit job: engine "fake" has no "none", only "internet"',
      problems: [{ field: "network", message: 'fake has no "none", only "internet"' }],
    }),
  ]);
  expect((await api.call("GET /api/v1/jobs")).body).toMatchObject({ items: [] });
});
