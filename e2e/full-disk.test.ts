import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openServerBench, type ServerBench } from "../packages/server/test/support/server-bench.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";
import { subject } from "../packages/server/test/support/local-subject.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: what a full disk does to the server, because ${missing}`);

let bench: ServerBench;
let server: ServerProcess;
beforeEach(async () => {
  if (missing !== null) return;
  bench = openServerBench("local");
  // A disk of 64 MiB that only this server sees, and that goes with it.
  const script =
    'mkdir -p "$1/data" && mount -t tmpfs -o size=64m,mode=711 tmpfs "$1/data" && shift && exec "$@"';
  const wrapper = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", bench.root];
  server = await bench.start({ wrapper });
});
afterEach(() => bench?.[Symbol.asyncDispose]());

describe.skipIf(missing !== null)("ABUSE 13: a disk that a job fills", () => {
  it.each([
    ["with its output", "head -c 200M /dev/zero; echo $? >&2"],
    ["with its files", "head -c 200M /dev/zero > big; echo $? >&2; exit 3"],
  ])(
    "%s: the job has one end with a cause, the server stays, and has room again once the job is deleted",
    async (_how, script) => {
      const { id } = await server.api.submit({ command: "sh", args: ["-c", script] });
      const job = await server.api.end(id);
      expect(["exit", "signal", "engine_failed", "disk_limit"]).toContain(job.cause?.code);
      expect((await server.api.job(id)).state).toBe(job.state);
      await server.api.delete(id);
      const next = await server.api.submit({ command: "echo", args: ["room"] });
      expect(await server.api.end(next.id)).toMatchObject({ state: "succeeded" });
      expect(await server.api.output(next.id)).toBe("room\n");
    },
  );
});
