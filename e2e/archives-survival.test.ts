import { execFileSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobSpecInput, Upload } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { subject as local } from "../packages/server/test/support/local-subject.ts";
import { openServerBench, type ServerBench } from "../packages/server/test/support/server-bench.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";
import { until } from "../packages/server/test/support/until.ts";
import { hashOf } from "../packages/server/test/support/upload-sender.ts";

/*
 * A server takes seconds to come back to the local engine, so by default it is killed at a few of the boundaries;
 * BERTH_TEST_STAGE_BOUNDARIES=all kills it at each.
 */
const boundaries = [
  "accepted",
  "stage-0-stored",
  "stage-0-started",
  "stage-0-exited",
  "stage-0-recorded",
  "spawned",
  "exited",
  "recorded",
];
const few = ["stage-0-stored", "stage-0-started", "stage-0-recorded", "exited"];
const killedAt = process.env["BERTH_TEST_STAGE_BOUNDARIES"] === "all" ? boundaries : few;
const MiB = 2 ** 20;

async function upload(
  { url, api }: ServerProcess,
  what: string,
  { body, ...headers }: { body?: Uint8Array | ReadableStream } & Record<string, unknown> = {},
): Promise<Upload> {
  const [method = "GET", path = ""] = what.split(" ");
  const type = body === undefined ? {} : { "content-type": "application/octet-stream" };
  const answer = await fetch(`${url}/api/v1/uploads${path}`, {
    method,
    headers: { authorization: api.authorization, ...type, ...(headers as Record<string, string>) },
    ...(body !== undefined && { body: body as NonNullable<RequestInit["body"]>, duplex: "half" as const }),
  });
  if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Upload;
}

const missing = await local.missing();
if (missing !== null) console.log(`SKIPPED: survival of jobs with archives, because ${missing}`);

describe.skipIf(missing !== null)("a job that starts in an archive", () => {
  let bench: ServerBench;
  beforeEach(() => {
    bench = openServerBench("local");
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  it("ABUSE 23, 24: finds all of it and runs once, wherever the server is killed", async () => {
    const folder = join(bench.root, "folder");
    mkdirSync(folder);
    for (let n = 0; n < 300; n += 1) writeFileSync(join(folder, `file ${n}`), randomBytes(1000));
    const bytes = execFileSync("tar", ["-C", folder, "-cz", "."]);
    const key = randomUUID();
    const submit = (server: ServerProcess, sha256: string) => {
      const archive = { upload: sha256, format: "tar.gz", into: "in" } as const;
      const script = "echo begin; ls in | wc -l; echo 1 >> ran; sleep 0.3; echo end; exit 3";
      const spec: JobSpecInput = { command: "sh", args: ["-c", script], archive, collect: ["ran"] };
      return server.api.submit(spec, { key });
    };
    for (const [n, crashAt] of killedAt.entries()) {
      // It may be gone before it has said that it is ready.
      const server = await bench.start({ crashAt }).catch(() => null);
      if (n === 0 && server !== null) {
        const { sha256 } = await upload(server, "POST ", { body: new Uint8Array(bytes) });
        await submit(server, sha256).catch(() => null);
      }
      const exit = server === null ? { signal: "SIGKILL" } : await server.exit();
      expect([crashAt, exit.signal]).toEqual([crashAt, "SIGKILL"]);
    }
    const server = await bench.start();
    const { id } = await submit(server, hashOf(bytes));
    const job = await server.api.end(id);
    expect(job).toMatchObject({ state: "failed", exitCode: 3, cause: { code: "exit" } });
    expect(job.stages?.map(({ kind, state }) => [kind, state])).toEqual([
      ["unpack", "succeeded"],
      ["command", "failed"],
    ]);
    expect(await server.api.output(id)).toBe("begin\n300\nend\n");
    const ran = await server.api.request(`/api/v1/jobs/${id}/artifacts/ran`);
    expect(await ran.text()).toBe("1\n");
    expect(await server.api.jobs()).toHaveLength(1);
    await bench.untilCleanedUp(id);
    const gone = { method: "DELETE" };
    expect((await server.api.request(`/api/v1/uploads/${hashOf(bytes)}`, gone)).status).toBe(204);
  });
});

describe("an upload whose server is killed", () => {
  let bench: ServerBench;
  beforeEach(() => {
    bench = openServerBench("fake");
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  it("goes on where it was, and leaves nothing where it had no name", async () => {
    const bytes = randomBytes(8 * MiB);
    const sha256 = hashOf(bytes);
    const doomed = await bench.start();
    const never = (): ReadableStream =>
      new ReadableStream({ start: (controller) => controller.enqueue(bytes.subarray(0, 5 * MiB)) });
    const cut = [`POST ?sha256=${sha256}`, "POST "].map((what) =>
      upload(doomed, what, { body: never() }).catch(() => "cut"),
    );
    const ask = () => upload(doomed, `GET /${sha256}`).catch(() => ({ offset: 0 }));
    await until(async () => (await ask()).offset >= 4 * MiB, { what: "4 MiB" });
    const parts = (): string[] => readdirSync(join(bench.root, "data/uploads/parts"));
    await until(() => Promise.resolve(parts().length === 2), { what: "both of them on disk" });
    await doomed.kill();
    expect(await Promise.all(cut)).toEqual(["cut", "cut"]);

    const server = await bench.start();
    const { offset, state } = await upload(server, `GET /${sha256}`);
    expect([offset >= 4 * MiB, state]).toEqual([true, "receiving"]);
    const rest = bytes.subarray(offset);
    const whole = await upload(server, `PATCH /${sha256}`, { body: rest, "upload-offset": String(offset) });
    expect(whole).toMatchObject({ state: "complete", offset: bytes.length });
    expect(hashOf(readFileSync(join(bench.root, "data/uploads/contents", sha256)))).toBe(sha256);
    await until(() => Promise.resolve(parts().length === 0), { what: "the removal of what had no name" });
  });
});
