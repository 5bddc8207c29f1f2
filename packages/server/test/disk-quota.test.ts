import { afterAll, describe, expect, it } from "vitest";
import { findQuotaDisk } from "../src/engines/local/disk/find-quota-disk.ts";
import { tmpdir } from "node:os";
import { type LocalServer, startLocalServer } from "./support/local-server.ts";

/** What a quota of the file system does, where the disk of the tests is mounted with project quotas. */

const hasQuota = findQuotaDisk(tmpdir()) !== null;
if (!hasQuota)
  console.log(`SKIPPED: quotas of the file system, because ${tmpdir()} is not mounted with project quotas`);
const started = hasQuota ? await startLocalServer("quotas of the file system") : null;
afterAll(() => started?.[Symbol.asyncDispose]());

function server(): LocalServer {
  if (!started) throw new Error("skipped");
  return started;
}

describe.skipIf(started === null)("a quota of the file system", () => {
  const limited = { resources: { disk: "4MiB" }, timeouts: { run: "60s" } };

  it("holds a job's folder, and the job says so", async () => {
    const { job } = await server().run("echo x > a", limited);
    expect(job.state).toBe("succeeded");
    const item = job.isolation?.items.find(({ name }) => name === "disk-limit");
    expect(item).toMatchObject({ applied: true });
    expect(item?.detail).toContain("a quota of the file system");
  });

  it("refuses at once what goes a sixteenth over the limit, in removed files that are open, too", async () => {
    const script =
      'for n in 3 4 5 6; do eval "exec $n>a; rm a"; head -c 2M /dev/zero >&$n || echo refused; done';
    const { job, stdout } = await server().run(`exec 2>&1; ${script}`, limited);
    expect(stdout).toMatch(/(?:quota exceeded|No space left)[^]*refused/);
    expect(["disk_limit", "exit"]).toContain(job.cause?.code);
  });

  it.each([
    [
      "many files that add up",
      "n=0; while :; do n=$((n + 1)); head -c 1M /dev/zero > part$n || sleep 1000; done",
    ],
    ["empty files", `exec perl -e 'for (1..9000) { open F, ">", $_ or sleep 1000 } sleep 1000'`],
    [
      "removed files that are open",
      // In small pieces: XFS refuses a write as a whole when not all of it has room.
      `exec perl -e 'for (1..9) { open $f[$_], ">", "a" or sleep 1000; unlink "a"; for my $n (1..120) { syswrite $f[$_], "x" x 8192 } } sleep 1000'`,
    ],
    ["what is written right before the end", "for n in 1 2 3 4 5; do head -c 1M /dev/zero > part$n; done"],
  ])("ends the job as too much for the disk: %s", async (_name, script) => {
    const { job } = await server().run(script, limited);
    expect(job).toMatchObject({ state: "failed", cause: { code: "disk_limit" } });
    expect(Number(job.cause?.evidence["usedBytes"])).toBeLessThan(5 * 2 ** 20);
    await server().servesOthers();
  });

  it("lets a job keep what it may, and its artifacts are kept after it", async () => {
    const { api } = server();
    const { job } = await server().run("head -c 2M /dev/zero > a; head -c 2M /dev/zero > b", {
      ...limited,
      collect: ["a"],
    });
    expect(job.cause).toMatchObject({ code: "exit" });
    const answer = await api.request(`/api/v1/jobs/${job.id}/artifacts/a`);
    expect((await answer.arrayBuffer()).byteLength).toBe(2 * 2 ** 20);
  });
});
