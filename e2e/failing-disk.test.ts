import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { openServerBench } from "../packages/server/test/support/server-bench.ts";
import { until } from "../packages/server/test/support/until.ts";
import { subject } from "../packages/server/test/support/local-subject.ts";

const run = promisify(execFile);
const missing = (await subject.missing()) ?? (await lacksLoopDevices());
if (missing !== null) console.log(`SKIPPED: what a failing disk does to the server, because ${missing}`);

async function lacksLoopDevices(): Promise<string | null> {
  const found = await run("losetup", ["--find"]).catch(() => null);
  return found === null ? "this host gives no loop device" : null;
}

/** Mounts the image $1/image, which is made where there is none, at $1/data of a mount namespace of its own. */
const onImage = `
if [ ! -e "$1/image" ]; then truncate -s 96M "$1/image" && mkfs.ext4 -q "$1/image"; else fsck.ext4 -fp "$1/image" >/dev/null || [ $? = 1 ]; fi
mkdir -p "$1/data" && mount -o loop "$1/image" "$1/data" && chmod 711 "$1/data" && shift && exec "$@"`;

describe.skipIf(missing !== null)("ABUSE 13: a disk that fails while the server works", () => {
  it("takes no job that it cannot store, keeps the server answering, and leaves one end to each job after it", async () => {
    await using bench = openServerBench("local");
    const wrapper = ["unshare", "--mount", "--propagation", "private", "sh", "-c", onImage, "sh", bench.root];
    const server = await bench.start({ wrapper });
    const before = await server.api.submit({ command: "echo", args: ["before"] });
    expect(await server.api.end(before.id)).toMatchObject({ state: "succeeded" });
    const during = await server.api.submit({ command: "sh", args: ["-c", "sleep 3; echo late; exit 4"] });
    // As the kernel does with a disk that answers with errors: what was not written yet is lost, the rest read-only.
    const abort = ["-t", String(server.pid), "-m", "mount", "-o", "remount,abort", join(bench.root, "data")];
    await run("nsenter", abort).catch(() => undefined);

    const refused = await server.api.request("/api/v1/jobs", {
      method: "POST",
      body: JSON.stringify({ command: "true" }),
      headers: { "content-type": "application/json" },
    });
    expect(refused.status).toBeGreaterThanOrEqual(500);
    expect(await refused.json()).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/) as string });
    expect((await server.api.request("/healthz")).status).toBe(200);
    expect((await server.api.request("/readyz")).status).toBeGreaterThanOrEqual(500);
    await server.kill();
    // The job, which outlives the server, holds the disk; afterwards it can be checked, and mounted again.
    const isFree = async (): Promise<boolean> =>
      (await run("losetup", ["-j", join(bench.root, "image")])).stdout === "";
    await until(isFree, { what: "the end of the old mount" });

    const next = await bench.start({ wrapper });
    expect(await next.api.job(before.id)).toMatchObject({ state: "succeeded" });
    const end = await next.api.end(during.id);
    expect(["exit", "lost", "engine_failed"]).toContain(end.cause?.code);
    expect((await next.api.job(during.id)).state).toBe(end.state);
    const types = (await next.api.events(during.id)).map(({ type }) => type);
    expect(types.filter((type) => ["succeeded", "failed", "canceled", "lost"].includes(type))).toHaveLength(
      1,
    );
    const after = await next.api.submit({ command: "echo", args: ["after"] });
    expect(await next.api.end(after.id)).toMatchObject({ state: "succeeded" });
  });
});
