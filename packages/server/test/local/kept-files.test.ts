import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type EngineBench, openEngineBench } from "../support/engine-bench.ts";
import { subject } from "../support/local-subject.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: whose the files are that jobs leave, because ${missing}`);
const bench = missing === null ? await openEngineBench(subject) : null;
afterAll(() => bench?.[Symbol.asyncDispose]());

function open(): EngineBench {
  if (!bench) throw new Error("skipped");
  return bench;
}

describe.skipIf(bench === null)("a file that is kept", () => {
  it("is root's alone, whatever mode and owner the job gave it", async () => {
    const script = "echo x >a; chmod 6777 a; echo x >b; chmod 0 b";
    const job = await open().start({ command: "sh", args: ["-c", script] });
    await open().wait(job);
    const into = join(open().root, "kept");
    mkdirSync(into);
    const request = { paths: ["a", "b"], into, maxBytes: 1000, maxFiles: 10 };
    const { artifacts } = await open().engine.collect(job.handle, request);
    expect(artifacts.map(({ path }) => path)).toEqual(["a", "b"]);
    for (const name of ["a", "b"]) {
      const { mode, uid, gid } = statSync(join(into, name));
      expect([mode & 0o7777, uid, gid]).toEqual([0o600, 0, 0]);
    }
    await open().engine.destroy(job.handle);
  });
});
