import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { until } from "../../../../test/support/until.ts";
import { ProjectQuota } from "./project-quota.ts";

const noPerl = !existsSync("/usr/bin/perl");
if (noPerl) console.log("SKIPPED: the process for disk quotas, because there is no /usr/bin/perl");

/** What the process for it says of no disk and no folder at all. */
const told = /opening the folder|setting the limit/;
const device = "/dev/null";

it.skipIf(noPerl)("the process for disk quotas is started again when it has died", async () => {
  const notices: unknown[] = [];
  const onNotice = (_notice: string, { how }: Record<string, unknown>) => notices.push(how);
  await using quota = new ProjectQuota({ device, quotactl: 179, onNotice });
  const limit = { bytes: 1, files: null };
  const ask = async (): Promise<string> => JSON.stringify(await quota.give("/nosuch", limit));
  expect(await ask()).toMatch(told);
  for (let time = 1; time <= 2; time += 1) {
    const [, pid] =
      /(\d+)/.exec(execFileSync("pgrep", ["-P", String(process.pid), "perl"], { encoding: "utf8" })) ?? [];
    process.kill(Number(pid), "SIGKILL");
    await until(() => notices.length === time, { what: "the notice" });
    await until(async () => told.test(await ask()), { what: "another process" });
  }
  expect(notices).toEqual(["ended with SIGKILL", "ended with SIGKILL"]);
});
