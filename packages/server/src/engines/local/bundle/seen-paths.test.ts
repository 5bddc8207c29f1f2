import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { SeenPaths } from "./seen-paths.ts";

it("are looked at once each, whether there was something or nothing", async () => {
  await using folder = tempFolder();
  const [here, nowhere] = [join(folder.path, "here"), join(folder.path, "nowhere")];
  writeFileSync(here, "");
  const seen = new SeenPaths();
  expect([seen.at(here)?.isFile(), seen.at(nowhere)]).toEqual([true, null]);
  rmSync(here);
  writeFileSync(nowhere, "");
  expect([seen.at(here)?.isFile(), seen.at(nowhere)]).toEqual([true, null]);
});
