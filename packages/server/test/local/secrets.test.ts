import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GivenSecrets } from "../../src/core/secrets/secrets-of-job.ts";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { cgroupNameOf } from "../support/cgroup-name.ts";
import { type EngineBench, openEngineBench } from "../support/engine-bench.ts";
import type { EngineSubject } from "../support/engine-subject.ts";
import { subject } from "../support/local-subject.ts";

/* What jobs are given to know, in sandboxes that stood before and in those that did not, made by Berth and by the runtime. */

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: what jobs are given to know, because ${missing}`);

const VALUE = "correct-horse\nbattery";
const given: GivenSecrets = {
  files: new Map<string, Uint8Array>([
    ["password", Buffer.from(VALUE)],
    ["raw", Buffer.from([0, 1, 255])],
    ["empty", new Uint8Array()],
  ]),
  env: new Map([["TOKEN", Buffer.from("token of théirs")]]),
};

function engineWith(warmSandboxes: number, sandboxMaker: "berth" | "runtime"): EngineSubject {
  const open = (root: string) =>
    createLocalEngine({
      dataDir: join(root, "data"),
      cgroupName: cgroupNameOf(root),
      sandboxMaker,
      warmSandboxes,
    });
  return { ...subject, open };
}

const sh = (script: string) => ({ command: "sh", args: ["-c", script] });

describe.skipIf(missing !== null).each([
  ["that stands before its job, made by Berth", 2, "berth"],
  ["that is made for its job, by Berth", 0, "berth"],
  ["that is made by the runtime", 1, "runtime"],
] as const)("a sandbox %s", (_, warm, maker) => {
  let bench: EngineBench;
  beforeAll(async () => {
    bench = await openEngineBench(engineWith(warm, maker));
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  it("has the files, which its job alone can read and nobody can change, and the variables", async () => {
    const script = `id -u; stat -c '%n %a %u %s' /etc/secret/*; cat /etc/secret/password; echo; od -An -tx1 /etc/secret/raw
      echo "$TOKEN"; echo x 2>&1 >>/etc/secret/password; rm -f /etc/secret/raw 2>&1
      grep ' /etc/secret ' /proc/self/mountinfo | sed 's/.* - //; s/,inode64//; s/,noswap//'; grep -o ' /etc/secret [a-z,]*' /proc/self/mountinfo`;
    const { exit, stdout, stderr } = await bench.run(sh(script), { secrets: given });
    const text = Buffer.concat([stdout, stderr]).toString();
    expect([exit.code, text]).toEqual([0, expect.stringContaining("1000\n") as string]);
    expect(text).toContain(
      "/etc/secret/empty 400 1000 0\n/etc/secret/password 400 1000 21\n/etc/secret/raw 400 1000 3\n",
    );
    expect(text).toContain(`${VALUE}\n 00 01 ff\ntoken of théirs\n`);
    // To write, and to delete.
    expect(text.match(/Read-only file system|Permission denied/g)?.length).toBe(2);
    expect(text).toMatch(/^tmpfs none rw,size=1024k,nr_inodes=100,mode=755/m);
    expect(text).toContain(" /etc/secret ro,nosuid,nodev,noexec,relatime");
  });

  it("has variables alone, or nothing, where no more is given", async () => {
    const script = "ls -A /etc/secret; echo \"<$TOKEN>\"; tr '\\0' '\\n' </proc/self/environ | grep -c =";
    const some = await bench.run(sh(script), { secrets: { files: new Map(), env: given.env } });
    expect(some.stdout.toString()).toMatch(/^<token of théirs>\n\d+\n$/);
    const none = await bench.run(sh(script));
    expect(none.stdout.toString()).toMatch(/^<>\n\d+\n$/);
  });

  it("leaves nothing of it on the host, while its job runs and after", async () => {
    const job = await bench.startReady(sh("echo ready; sleep 1000"), { secrets: given });
    const { run } = placesOf(join(bench.root, "data"));
    const left = readdirSync(run, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith("/secrets"),
    );
    expect([left, existsSync("/etc/secret/password")]).toEqual([[], false]);
    await bench.engine.stop(job.handle, { graceMs: 0 });
    await bench.wait(job);
    await bench.engine.destroy(job.handle);
    expect(await bench.leftovers(job.id)).toEqual([]);
  });

  it("takes as much as a job may have, and many at once", async () => {
    const files = new Map(
      Array.from({ length: 64 }, (_value, n) => [`key-${n}`, Buffer.alloc(256, 65 + (n % 26))]),
    );
    const all = Array.from({ length: 4 }, () =>
      bench.run(sh("ls /etc/secret | wc -l; cat /etc/secret/* | wc -c"), {
        secrets: { files, env: new Map() },
      }),
    );
    for (const { stdout } of await Promise.all(all)) expect(stdout.toString()).toBe("64\n16384\n");
  });
});
