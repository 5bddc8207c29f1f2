import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { until } from "../../../../test/support/until.ts";
import { writeFacts } from "./job-facts.ts";
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

it("finds again what the engine has noted about a job, and nothing where that is not whole", async () => {
  await using root = tempFolder();
  const folder = new JobFolder({ control: root.path, work: root.path }, "a");
  mkdirSync(folder.path);
  expect(folder.facts()).toBeNull();
  const facts = {
    group: "place-1",
    ids: { first: 100 },
    diskBytes: null,
    project: 3,
    ownProcesses: 1,
    startedMs: 7,
  };
  writeFacts(folder.path, facts);
  expect(folder.facts()).toEqual(facts);
  truncateSync(join(folder.path, "facts"), 20);
  expect(folder.facts()).toBeNull();
});

it("keeps when the job was first asked to stop, whoever asks again", async () => {
  await using root = tempFolder();
  const folder = new JobFolder({ control: root.path, work: root.path }, "job");
  mkdirSync(folder.path);
  expect(folder.stopAgeMs()).toBeNull();
  folder.noteStop();
  await until(() => (folder.stopAgeMs() ?? 0) > 20, { what: "a stop that is older" });
  folder.noteStop();
  expect(folder.stopAgeMs()).toBeGreaterThan(20);
});
