import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startInProcessServer } from "./support/in-process-server.ts";
import { tempFolder } from "./support/temp-folder.ts";

async function failureAt(dataDir: string): Promise<unknown> {
  return await startInProcessServer({ BERTH_DATA_DIR: dataDir }).catch((error: unknown) => error);
}

it("says in words why there can be no data folder, and does not wait for it", async () => {
  await using folder = tempFolder();
  const file = join(folder.path, "file");
  writeFileSync(file, "");
  expect(await failureAt(join(file, "data"))).toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringContaining("a part of the path is no folder (ENOTDIR)") as string,
    fix: "Name another place",
  });
  // Node's own way to make folders never comes back from there.
  expect(await failureAt("/proc/nosuch/data")).toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringContaining("a part of the path does not exist (ENOENT)") as string,
  });
});

it("says in words that another program listens there", async () => {
  await using server = await startInProcessServer();
  const taken = new URL(server.url).host;
  const failure = await startInProcessServer({ BERTH_HTTP_ADDRESS: taken }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: "SETTINGS_INVALID",
    message: `Cannot listen on ${taken}: another program listens there (EADDRINUSE)`,
    fix: expect.stringContaining("BERTH_HTTP_ADDRESS") as string,
  });
});
