import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findQuotaDisk } from "../src/engines/local/host/find-quota-disk.ts";
import { subject } from "./support/local-subject.ts";
import { openServerBench, type ServerBench } from "./support/server-bench.ts";

const XFS = 0x58465342;
const hasQuota = statfsSync(tmpdir()).type === XFS && findQuotaDisk(tmpdir()) !== null;
const missing = hasQuota ? await subject.missing() : `${tmpdir()} is not XFS with project quotas`;
if (missing !== null) console.log(`SKIPPED: a quota on the server's own data folder, because ${missing}`);

/** The folder $1 and all that comes into it is of project 7. */
const bind = `chattr -p 7 +P "$1" && xfs_quota -x -c "limit -p bhard=64m 7" "$(stat --format=%m "$1")"`;

/** A server's bench whose data folder is in a project of the operator's, which may hold 64 MiB. */
function openBoundBench(): ServerBench {
  const bench = openServerBench("local");
  const data = join(bench.root, "data");
  mkdirSync(data);
  chmodSync(data, 0o711);
  execFileSync("sh", ["-c", bind, "sh", data]);
  return bench;
}

describe.skipIf(missing !== null)("ABUSE 13: a data folder with a quota of the operator's", () => {
  it("runs jobs in a project of the operator's, and says how their disk is held", {
    timeout: 500_000,
  }, async () => {
    await using bench = openBoundBench();
    const { api } = await bench.start();
    const { id } = await api.submit({
      command: "sh",
      args: ["-c", "echo x >a"],
      resources: { disk: "1Mi" },
      collect: ["a"],
    });
    const job = await api.end(id);
    expect(job).toMatchObject({ state: "succeeded" });
    const item = job.isolation?.items.find(({ name }) => name === "disk-limit");
    expect(item?.detail).toContain("measured");
    expect(await (await api.request(`/api/v1/jobs/${id}/artifacts/a`)).text()).toBe("x\n");
  });
});
