import { describe, expect, it } from "vitest";
import { createExecutor } from "../src/api/executor/executor.ts";
import { subject } from "./support/local-subject.ts";
import { openExecutor, ownDataFolder, readAll } from "./support/open-executor.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: what an executor refuses, because ${missing}`);

describe("what an executor refuses", () => {
  it.each<{ options: object; problems: Record<string, string> }>([
    {
      options: { limits: { cpu: "much", memory: -1, io: { read: 5 } } },
      problems: {
        "limits.cpu": "must be written like 1.5, 500m or 50%",
        "limits.memory": "must be written like 512Mi",
        "limits.io.read": "must be written like 10MiB/s",
      },
    },
    { options: { limit: {} }, problems: { limit: 'is not known: did you mean "limits"?' } },
    { options: { maxJobs: 0 }, problems: { maxJobs: "must be at least 1" } },
    { options: { dataDir: "here" }, problems: { dataDir: "must be an absolute path" } },
    { options: { dataDir: "/a b" }, problems: { dataDir: "must not hold blanks or backslashes" } },
    { options: { onNotice: 1 }, problems: { onNotice: "must be a function" } },
    {
      options: { leaveRunning: true },
      problems: {
        leaveRunning: "needs `dataDir`: a temporary folder goes away, and with it what runs there",
      },
    },
  ])("names every wrong option of $options", async ({ options, problems }) => {
    const wanted = Object.entries(problems).map(([field, message]) => ({ field, message }));
    await expect(createExecutor(options)).rejects.toMatchObject({
      code: "SETTINGS_INVALID",
      problems: wanted,
    });
  });

  it.skipIf(missing !== null)("names every wrong field of a command, and keeps running", async () => {
    const dataDir = ownDataFolder();
    const executor = await openExecutor({ dataDir });
    const wrong = executor.execute("", ["a\0b"], { timeouts: { run: "soon" }, files: { "../up": "" } });
    await expect(wrong).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    const { problems } = (await wrong.catch((error: unknown) => error)) as { problems: { field: string }[] };
    expect(problems.map(({ field }) => field).toSorted()).toEqual([
      "args[0]",
      "command",
      'files["../up"]',
      "timeouts.run",
    ]);
    const command = await executor.execute("true");
    await expect(command.stop(-1)).rejects.toMatchObject({ problems: [{ field: "graceMs" }] });
    await expect(readAll(command.output({ offset: 0.5 }))).rejects.toMatchObject({
      problems: [{ field: "offset" }],
    });
    await expect(executor.find("not-an-id")).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
    await expect(createExecutor({ dataDir })).rejects.toMatchObject({ code: "DATA_FOLDER_IN_USE" });
    expect(await command.wait()).toMatchObject({ state: "succeeded" });
  });
});
