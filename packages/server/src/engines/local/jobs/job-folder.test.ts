import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { annotation } from "../bundle/oci-config.ts";
import { JobFolder } from "./job-folder.ts";

it("reads of what is noted about a job as much as there can be to say, however much it is", async () => {
  await using root = tempFolder();
  const folder = new JobFolder({ control: root.path, work: root.path }, "a");
  mkdirSync(folder.path);
  for (const [name, begin] of [
    ["exit", "1"],
    ["started", "a\n"],
    ["facts", "{"],
  ] as const) {
    writeFileSync(join(folder.path, name), begin);
    // More than any memory.
    truncateSync(join(folder.path, name), 2 ** 43);
  }
  expect([folder.hasStarted(), folder.hasEnded(), folder.end(), folder.facts()]).toEqual([
    true,
    false,
    null,
    null,
  ]);
});

it("reads the facts of a job from the head of its configuration, however long its arguments are", async () => {
  await using root = tempFolder();
  const folder = new JobFolder({ control: root.path, work: root.path }, "a");
  mkdirSync(folder.path);
  const path = join(folder.path, "config.json");
  const annotations = { [annotation.group]: "slot-1", [annotation.ids]: "100", [annotation.started]: "7" };
  writeFileSync(
    path,
    `${JSON.stringify({ ociVersion: "1.0.2", annotations }).slice(0, -1)},"process":{"args":["`,
  );
  truncateSync(path, 2 ** 43);
  expect(folder.facts()).toMatchObject({ group: "slot-1", ids: { first: 100 }, startedMs: 7 });
});
