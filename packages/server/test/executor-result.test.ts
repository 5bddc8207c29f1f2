import { describe, expect, it } from "vitest";
import { createExecutor } from "../src/api/executor/executor.ts";
import { subject } from "./support/local-subject.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: results of the executor's commands, because ${missing}`);

describe.skipIf(missing !== null)("the result of an executor's command", () => {
  it("keeps every digit that it wrote beside what JavaScript makes of it", async () => {
    await using executor = await createExecutor();
    const written = '{"count":12345678901234567891,"share":0.1}';
    const command = await executor.execute("sh", ["-c", `printf '^JSON\\n${written}\\n^JSON\\n'`]);
    const ended = await command.wait();
    expect(ended.resultJson).toBe(written);
    expect(ended.result).toEqual(JSON.parse(written));
    expect((await command.status()).resultJson).toBe(written);
    expect((await (await executor.execute("true")).wait()).resultJson).toBeNull();
  });
});
