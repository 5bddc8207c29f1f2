import { execFile } from "node:child_process";
import { existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testProgram } from "../packages/server/test/support/launcher.ts";
import { pids, readProc } from "../packages/server/test/support/leftovers.ts";
import { tempFolder } from "../packages/server/test/support/temp-folder.ts";
import { openServerBench, type ServerBench } from "../packages/server/test/support/server-bench.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";
import { until } from "../packages/server/test/support/until.ts";
import { subject } from "../packages/server/test/support/local-subject.ts";

const run = promisify(execFile);
const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: what a full disk does to the server, because ${missing}`);

let bench: ServerBench;
let server: ServerProcess;

async function startOnSmallDisk(options = "size=64m"): Promise<void> {
  bench = openServerBench("local");
  // A disk of 64 MiB that only this server sees, and that goes with it.
  const script = `mkdir -p "$1/data" && mount -t tmpfs -o ${options},mode=711 tmpfs "$1/data" && shift && exec "$@"`;
  const wrapper = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", bench.root];
  server = await bench.start({ wrapper });
}

describe.skipIf(missing !== null)("ABUSE 13: a disk that a job fills", () => {
  beforeEach(() => startOnSmallDisk());
  afterEach(() => bench[Symbol.asyncDispose]());

  it.each([
    {
      how: "with its output",
      script: "head -c 200M /dev/zero",
      // It heard nothing of it: of what it wrote nothing more was kept.
      end: { exitCode: 0, cause: { code: "engine_failed" } },
      says: /No more of the output could be kept: no space left on device \(ENOSPC\)/,
    },
    {
      how: "with its output, and fails",
      script: "head -c 200M /dev/zero; exit 3",
      end: { exitCode: 3, cause: { code: "exit" } },
      says: /No more of the output could be kept: no space left on device \(ENOSPC\)/,
    },
    {
      how: "with its files",
      script: "head -c 200M /dev/zero > big || exit 3",
      // It heard of it by an error of its own, and ended by itself: that the host had no room stands beside it.
      end: { exitCode: 3, cause: { code: "exit" } },
      says: /The server's data disk was full/,
    },
  ])(
    "$how: the job has one end with a cause, the server stays, and has room again once the job is deleted",
    async ({ script, end, says }) => {
      const { id } = await server.api.submit({ command: "sh", args: ["-c", script] });
      const job = await server.api.end(id);
      expect(job).toMatchObject({ state: "failed", ...end });
      expect(`${job.cause?.message} ${String(job.cause?.evidence["problems"])}`).toMatch(says);
      expect((await server.api.job(id)).state).toBe(job.state);
      await server.api.delete(id);
      const next = await server.api.submit({ command: "echo", args: ["room"] });
      expect(await server.api.end(next.id)).toMatchObject({ state: "succeeded" });
      expect(await server.api.output(next.id)).toBe("room\n");
    },
  );
});

/** Whether the server has given up its reserve, and what it gave up is taken as well. */
function nothingIsLeft(): boolean {
  const data = join(`/proc/${server.pid}/root`, bench.root, "data");
  const { bavail, bsize } = statfsSync(data);
  return !existsSync(join(data, "reserve")) && bavail * bsize < 100_000;
}

describe.skipIf(missing !== null)(
  "ABUSE 13: a job that takes whatever room there is, also what the server gives up",
  () => {
    beforeEach(() => startOnSmallDisk());
    afterEach(() => bench[Symbol.asyncDispose]());

    it("can be stopped and ends all the same, as others do, and then there is room again", async () => {
      const { api } = server;
      const other = await api.submit({ command: "sleep", args: ["1000"] });
      const fill = "while :; do cat /dev/zero >>big 2>/dev/null; sleep 0.1; done";
      const { id } = await api.submit({ command: "sh", args: ["-c", fill] });
      await until(nothingIsLeft, { what: "a disk without any room" });
      for (const stopped of [other.id, id]) {
        await api.stop(stopped, "1s");
        expect(await api.end(stopped)).toMatchObject({ state: "canceled" });
      }
      const body = JSON.stringify({ command: "echo", args: ["room"] });
      const taken = async (): Promise<Response | null> => {
        const answer = await api.request("/api/v1/jobs", { method: "POST", body });
        return answer.ok ? answer : null;
      };
      const next = (await (await until(taken, { what: "a job that is taken again" })).json()) as {
        id: string;
      };
      expect(await api.end(next.id)).toMatchObject({ state: "succeeded" });
    });
  },
);

describe.skipIf(missing !== null)("ABUSE 13: a disk that an upload would fill", () => {
  const MiB = 2 ** 20;
  beforeEach(() => startOnSmallDisk("size=160m"));
  afterEach(() => bench[Symbol.asyncDispose]());

  async function send(
    what: string,
    mebibytes: number,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const [method = "", path = ""] = what.split(" ");
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (sent === mebibytes) controller.close();
        else controller.enqueue(Buffer.alloc(MiB, (sent += 1)));
      },
    });
    return await fetch(`${server.url}/api/v1/uploads${path}`, {
      method,
      headers: {
        authorization: server.api.authorization,
        "content-type": "application/octet-stream",
        ...headers,
      },
      body,
      duplex: "half",
    });
  }

  it("refuses it by name, keeps room for jobs, and takes it once there is room", async () => {
    const name = "0".repeat(64);
    const said = await send(`POST ?sha256=${"f".repeat(64)}`, 1, {
      "upload-length": String(2 ** 30),
      "upload-complete": "?0",
    });
    expect([said.status, await said.json()]).toEqual([
      507,
      expect.objectContaining({ code: "STORAGE_FAILED" }),
    ]);
    const unsaid = await send(`POST ?sha256=${name}`, 150);
    expect([unsaid.status, await unsaid.json()]).toEqual([
      507,
      expect.objectContaining({ code: "STORAGE_FAILED" }),
    ]);
    const { id } = await server.api.submit({ command: "echo", args: ["room"] });
    expect(await server.api.end(id)).toMatchObject({ state: "succeeded" });
    const [kept] = (
      (await (await server.api.request("/api/v1/uploads")).json()) as { items: { offset: number }[] }
    ).items;
    expect(kept?.offset).toBeGreaterThan(0);
    await server.api.request(`/api/v1/uploads/${name}`, { method: "DELETE" });
    expect((await send("POST ", 10)).status).toBe(201);
  });
});

describe.skipIf(missing !== null)("ABUSE 35: a disk that holds few files", () => {
  beforeEach(() => startOnSmallDisk("size=256m,nr_inodes=4000"));
  afterEach(() => bench[Symbol.asyncDispose]());

  it("is never taken by one job's files: past a quarter of them it ends, and says so", async () => {
    const make = `exec perl -e 'for (1..1200) { open F, ">", $_ or die } sleep 1000'`;
    const { id } = await server.api.submit({ command: "sh", args: ["-c", make], timeouts: { run: "60s" } });
    const { cause } = await server.api.end(id);
    expect(cause).toMatchObject({ code: "disk_limit", evidence: { mostFiles: 1000 } });
    expect(Number(cause?.evidence["files"])).toBeGreaterThan(1000);
    const next = await server.api.submit({ command: "echo", args: ["room"] });
    expect(await server.api.end(next.id)).toMatchObject({ state: "succeeded" });
  });
});

describe.skipIf(missing !== null)("ABUSE 13: an executor that is disposed on a disk", () => {
  it.each([
    { disk: "full", told: "none", does: "records the end of its commands, as that has its room" },
    {
      disk: "refused",
      told: "STORAGE_FAILED",
      does: "says that it cannot record that end, and ends them all the same",
    },
  ])("that is $disk $does", async ({ disk, told }) => {
    const mark = `${process.pid}${disk.length}1234`;
    const script =
      'mount -t tmpfs -o size=32m tmpfs "$1" && TMPDIR="$1" && export TMPDIR && shift && exec "$@"';
    const disposing = testProgram(new URL("support/dispose-on-full-disk.ts", import.meta.url));
    await using folder = tempFolder();
    const onSmallDisk = ["--mount", "--propagation", "private", "sh", "-c", script, "sh", folder.path];
    const { stdout } = await run("unshare", [...onSmallDisk, ...disposing, disk, "sleep", mark]);
    expect(stdout).toBe(`${told}\n`);
    expect(pids().filter((pid) => readProc(pid, "cmdline") === `sleep\0${mark}\0`)).toEqual([]);
  });
});
