import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findQuotaDisk } from "../src/engines/local/disk/find-quota-disk.ts";
import { subject } from "./support/local-subject.ts";
import { openServerBench, type ServerBench } from "./support/server-bench.ts";
import { until } from "./support/until.ts";

const XFS = 0x58465342;
const hasQuota = statfsSync(tmpdir()).type === XFS && findQuotaDisk(tmpdir()) !== null;
const missing = hasQuota ? await subject.missing() : `${tmpdir()} is not XFS with project quotas`;
if (missing !== null) console.log(`SKIPPED: a quota on the server's own data folder, because ${missing}`);

/** The folder $1 and all that comes into it is of project $2. */
const bind = `chattr -p "$2" +P "$1" && xfs_quota -x -c "limit -p bhard=64m $2" "$(stat --format=%m "$1")"`;

/**
 * A server's bench whose data folder is in a project of the operator's, which may hold 64 MiB. Each has a project of its
 * own: what a test that failed leaves would count in the next.
 */
function openBoundBench(project: number): ServerBench {
  const bench = openServerBench("local");
  const data = join(bench.root, "data");
  mkdirSync(data);
  chmodSync(data, 0o711);
  execFileSync("sh", ["-c", bind, "sh", data, String(project)]);
  return bench;
}

/** Writes to a file until the kernel takes no more, to the last block. Answers the kernel's word. */
function fill(path: string): string {
  const file = openSync(path, "w");
  try {
    for (let size = 2 ** 22; ; ) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch (error) {
        if (size <= 512) return (error as NodeJS.ErrnoException).code ?? "";
        size /= 2;
      }
    }
  } finally {
    closeSync(file);
  }
}

/** Ends the program that sleeps for so long, which no other does. */
function wake(seconds: string): void {
  const pid = execFileSync("pgrep", ["--exact", "--full", `sleep ${seconds}`], { encoding: "utf8" });
  process.kill(Number(pid), "SIGTERM");
}

describe.skipIf(missing !== null)("ABUSE 13: a data folder with a quota of the operator's", () => {
  it("runs jobs in a project of the operator's, and says how their disk is held", async () => {
    await using bench = openBoundBench(7);
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

  it("refuses what it cannot store and says why, loses nothing, lets jobs run on, and takes jobs again when there is room", async () => {
    await using bench = openBoundBench(8);
    const { api } = await bench.start();
    const ballast = join(bench.root, "data", "ballast");
    const reserve = join(bench.root, "data", "reserve");
    const small = {
      method: "POST",
      body: JSON.stringify({ command: "echo", args: ["after"] }),
      headers: { "content-type": "application/json" },
    };
    const before = await api.end((await api.submit({ command: "echo", args: ["before"] })).id);
    expect(before).toMatchObject({ state: "succeeded" });
    const run = (script: string) => api.submit({ command: "sh", args: ["-c", `echo begun; ${script}`] });
    const lasting = await run("sleep 98765.25; echo on; exit 4");
    const ending = await run("sleep 98765.5; exit 5");
    for (const { id } of [lasting, ending])
      await until(async () => (await api.output(id)) === "begun\n", {
        what: "a job at work",
      });

    expect(fill(ballast)).toBe("ENOSPC");
    const accepted: string[] = [];
    const refusal = await until(
      async () => {
        const answer = await api.request("/api/v1/jobs", {
          method: "POST",
          body: JSON.stringify({ command: "true", stdin: "x".repeat(200_000) }),
          headers: { "content-type": "application/json" },
        });
        const body = (await answer.json()) as { id: string };
        if (!answer.ok) return { status: answer.status, ...body };
        // Until the server has looked, what lies free in the files of the database takes a few more.
        accepted.push(body.id);
        return null;
      },
      { what: "a refusal" },
    );
    expect(refusal).toMatchObject({ status: 507, code: "STORAGE_FAILED" });
    await until(async () => !(await api.request("/api/v1/jobs", small)).ok && !existsSync(reserve), {
      what: "the refusal of whatever is new",
    });
    for (let n = 0; n < 50; n += 1) {
      const answer = await api.request("/api/v1/jobs", small);
      expect([answer.status, await answer.json()]).toMatchObject([507, { code: "STORAGE_FAILED" }]);
    }
    wake("98765.5");
    expect(await api.end(ending.id)).toMatchObject({ state: "failed", cause: { code: "exit" }, exitCode: 5 });
    expect((await api.request("/healthz")).status).toBe(200);
    expect(await api.job(before.id)).toMatchObject({ state: "succeeded" });
    expect(await api.job(lasting.id)).toMatchObject({ state: "running" });

    rmSync(ballast);
    const after = await until(
      async () => {
        const answer = await api.request("/api/v1/jobs", small);
        return answer.ok ? ((await answer.json()) as { id: string }) : null;
      },
      { what: "a job that is taken again" },
    );
    wake("98765.25");
    expect(await api.end(lasting.id)).toMatchObject({
      state: "failed",
      cause: { code: "exit" },
      exitCode: 4,
    });
    expect(await api.output(lasting.id)).toBe("begun\non\n");
    // What was accepted has run, or says that the server was at fault.
    for (const id of accepted) expect(["exit", "engine_failed"]).toContain((await api.end(id)).cause?.code);
    expect(await api.end(after.id)).toMatchObject({ state: "succeeded" });
    expect(await api.output(after.id)).toBe("after\n");
  });
});
