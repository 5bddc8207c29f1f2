import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cgroupNameOf } from "../support/cgroup-name.ts";
import { type EngineBench, openEngineBench } from "../support/engine-bench.ts";
import { leftovers, pids, readProc } from "../support/leftovers.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";
import { subject as cold } from "../support/local-subject.ts";
import { subject, subjectThatLooksOften } from "../support/warm-subject.ts";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { JobFolder } from "../../src/engines/local/jobs/job-folder.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: sandboxes that wait, because ${missing}`);

const shell = (script: string) => ({ command: "sh", args: ["-c", script] });

/** The pid namespaces of the sandboxes that stand in places of this folder. */
function standing(root: string): string[] {
  const { control } = placesOf(join(root, "data"));
  return readdirSync(control)
    .filter((name) => name.startsWith("place."))
    .flatMap((name) => {
      try {
        const seen = readFileSync(join(control, name, "seen"), "utf8");
        return seen.endsWith("end\n") ? [/^pid (.*)$/m.exec(seen)?.[1] ?? ""] : [];
      } catch {
        // It has been taken meanwhile.
        return [];
      }
    });
}

/** The processes whose namespace this is. */
function inside(namespace: string): number[] {
  return pids().filter(
    (pid) => /^NSpid:.*\t1$/m.test(readProc(pid, "status")) && namespaceOf(pid) === namespace,
  );
}

function parentOf(pid: number): number | null {
  const parent = /^PPid:\s+(\d+)$/m.exec(readProc(pid, "status"))?.[1];
  return parent === undefined ? null : Number(parent);
}

/** Also where the spawner, its parent, has not looked yet. */
function hasEnded(pid: number): boolean {
  return !/^State:\s+[^ZX]/m.test(readProc(pid, "status"));
}

function namespaceOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null;
  }
}

/** Whether an engine has come up on this folder. */
function isThere(root: string): boolean {
  return existsSync(placesOf(join(root, "data")).control);
}

describe.skipIf(missing !== null)("sandboxes that wait", () => {
  let bench: EngineBench;
  beforeAll(async () => {
    bench = await openEngineBench(subject);
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const ready = (atLeast = 1): Promise<string[]> =>
    until(() => (standing(bench.root).length >= atLeast ? standing(bench.root) : null), {
      what: `${atLeast} sandboxes that wait`,
    });
  const run = async (script: string): Promise<string> => (await bench.run(shell(script))).stdout.toString();

  it("serve one job each, and never another", async () => {
    const used = new Set<string>();
    for (let n = 0; n < 8; n += 1) {
      const waiting = await ready();
      const launch = await bench.startReady(shell("readlink /proc/self/ns/pid; echo ready; sleep 1000"));
      expect(waiting).toContain(bench.stdoutOf(launch).toString().split("\n")[0]);
      used.add(new JobFolder(placesOf(join(bench.root, "data")), launch.id).facts()?.group ?? "");
      await bench.engine.destroy(launch.handle);
    }
    expect(used.size).toBe(8);
  });

  it("serve one job each also when several come in the same moment", async () => {
    for (let n = 0; n < 4; n += 1) {
      await ready(2);
      const namespaces = await Promise.all([1, 2, 3].map(() => run("readlink /proc/self/ns/pid; sleep 0.1")));
      expect(new Set(namespaces).size).toBe(3);
    }
  });

  it("are counted with what their processes take", async () => {
    await ready(2);
    const { sandboxes, bytes } = await until(
      () => {
        const now = bench.engine.standby();
        return now.sandboxes >= 2 && now.bytes !== null ? now : null;
      },
      { what: "sandboxes that are counted" },
    );
    expect(bytes ?? 0).toBeGreaterThan(0);
    expect((bytes ?? 0) / sandboxes).toBeLessThan(2 ** 20);
    const checks = await bench.engine.check();
    expect(checks.find(({ name }) => name === "warm-sandboxes")?.detail).toMatch(
      /^\d stand ready, 0\.\d MiB each; at most 4$/,
    );
  });

  it("carry nothing from one job to the next: files, shared memory, processes, priority, processors", async () => {
    const leave = `touch /work/x /tmp/x /dev/shm/x; export LEFT=x; umask 0; ulimit -n 20; renice -n 15 $$
taskset -p 1 $$; setsid sleep 1000 & perl -e 'msgget(7, 01600); shmget(7, 10, 01600); semget(7, 1, 01600)'; echo left`;
    const look = `ls -A /work /tmp /dev/shm; env | grep LEFT; umask; ulimit -n | grep -x 20; nice
grep Cpus_allowed_list /proc/self/status; ipcs | grep -c 0x; cat /proc/keys 2>&1 | head -1
for p in /proc/[0-9]*; do read -r name <$p/comm && echo $name; done`;
    await using plain = await openEngineBench(cold);
    const clean = (await plain.run(shell(look))).stdout.toString();
    for (let n = 0; n < 8; n += 1) {
      await ready();
      expect(await run(leave)).toContain("left\n");
      await ready();
      expect(await run(look)).toBe(clean);
    }
  });

  it("are thrown away when one who watched is killed, and made again", async () => {
    const waiting = await ready(2);
    for (const pid of waiting.flatMap(inside)) process.kill(pid, "SIGKILL");
    await until(() => !standing(bench.root).some((one) => waiting.includes(one)), {
      what: "the places gone",
    });
    await ready();
    expect(await run("echo on")).toBe("on\n");
  });

  it("are thrown away when their pid 1 is stopped", async () => {
    await using own = await openEngineBench(subjectThatLooksOften);
    const waiting = await until(() => (standing(own.root).length > 0 ? standing(own.root) : null), {
      what: "a sandbox that waits",
    });
    for (const pid of waiting.flatMap(inside)) process.kill(pid, "SIGSTOP");
    await until(() => !standing(own.root).some((one) => waiting.includes(one)), {
      what: "the places gone",
    });
    expect((await own.run(shell("echo on"))).stdout.toString()).toBe("on\n");
  });

  it("keep no job waiting when who watches is stopped: none of it has run, and the next one runs it", async () => {
    const shims = (await ready(2)).flatMap(inside).flatMap((pid) => parentOf(pid) ?? []);
    expect(shims.length).toBeGreaterThanOrEqual(2);
    for (const pid of shims) process.kill(pid, "SIGSTOP");
    try {
      const refusal: unknown = await run("echo once >>/work/ran; cat /work/ran").catch(
        (error: unknown) => error,
      );
      expect(refusal).toMatchObject({ retryable: true });
      expect(String(refusal)).toContain("its shim does not answer");
      expect(await run("echo once >>/work/ran; cat /work/ran")).toBe("once\n");
    } finally {
      for (const pid of shims) process.kill(pid, "SIGCONT");
    }
    // Whatever they find in their hands now, it begins nothing.
    await until(() => shims.every(hasEnded), { what: "the shims gone" });
    expect(await run("echo on")).toBe("on\n");
  });

  it("are more when many jobs come at once, and never more than was set", async () => {
    await Promise.all(Array.from({ length: 12 }, () => bench.run(shell("exit 0"))));
    await ready(4);
    expect(standing(bench.root).length).toBe(4);
  });

  it("are none where that was set", async () => {
    await using none = await openEngineBench(cold);
    await none.run(shell("exit 0"));
    expect(none.engine.standby()).toEqual({ sandboxes: 0, bytes: 0 });
    expect(standing(none.root)).toEqual([]);
  });
});

it.skipIf(missing !== null)("sandboxes that wait end with a server that is killed", async () => {
  await using folder = tempFolder();
  const root = folder.path;
  const program = `
      const { subject } = await import(${JSON.stringify(subject.module)});
      await subject.open(${JSON.stringify(root)});
      setInterval(() => undefined, 1000);
    `;
  const host = spawn(process.execPath, ["--conditions=berth-source", "--input-type=module", "-e", program], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const gone = once(host, "exit");
  try {
    const namespaces = await until(
      () => (isThere(root) && standing(root).length >= 2 ? standing(root) : null),
      {
        what: "sandboxes of another server",
      },
    );
    const running = namespaces.flatMap(inside);
    expect(running.length).toBeGreaterThanOrEqual(2);
    host.kill("SIGKILL");
    await gone;
    await until(() => namespaces.flatMap(inside).length === 0, { what: "the sandboxes gone" });
    const shims = { mark: "place.", folder: join(root, "none"), cgroupName: cgroupNameOf(root) };
    await until(
      async () => (await leftovers(shims)).filter((one) => /^process .*\/jobs\/place/.test(one)).length === 0,
      {
        what: "nothing of them left",
      },
    );
  } finally {
    host.kill("SIGKILL");
    await gone;
    const next = await subject.open(root);
    await next[Symbol.asyncDispose]();
    await subject.remove(root);
  }
});
