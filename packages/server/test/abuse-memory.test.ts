import { afterAll, describe, expect, it } from "vitest";
import { hostIsV2 } from "./support/guest.ts";
import { type LocalServer, python, shell, startLocalServer } from "./support/local-server.ts";

const started = await startLocalServer("what hostile jobs do to memory");
afterAll(() => started?.[Symbol.asyncDispose]());

const noMemoryLimit = !hostIsV2();
if (started !== null && noMemoryLimit)
  console.log(
    "SKIPPED: what hostile jobs do to memory, because this host has no cgroup v2 memory controller",
  );

function server(): LocalServer {
  if (!started) throw new Error("skipped");
  return started;
}

const MIB = 2 ** 20;

describe.skipIf(started === null || noMemoryLimit)("the memory of a job", () => {
  const bombs = [
    ["a process that takes more and more", python("held = []\nwhile True: held.append(bytearray(1 << 20))")],
    [
      "children that take it all together",
      shell("for n in 1 2 3 4; do head -c 40M /dev/zero | tail & done; wait; sleep 10"),
    ],
    [
      "a file in /dev/shm",
      shell("head -c 1G /dev/zero > /dev/shm/fill; head -c 60M /dev/zero | tail > /dev/null; sleep 10"),
    ],
    ["a file in /tmp", shell("head -c 200M /dev/zero > /tmp/fill; sleep 10")],
    [
      "a child in a session of its own",
      shell("setsid python3 -c 'held = []\nwhile True: held.append(bytearray(1 << 20))' & sleep 30"),
    ],
    [
      "page tables over memory that is only read",
      python(
        "import mmap, time\nheld = mmap.mmap(-1, 1 << 36, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ)\nfor at in range(0, 1 << 36, 1 << 21): held[at]\ntime.sleep(10)",
      ),
    ],
  ] as const;

  it.each(bombs)(
    "ABUSE 7: %s ends as out of memory, with the peak, and the server serves on",
    async (_name, spec) => {
      const { job } = await server().run(spec, { resources: { memory: "64MiB" } });
      expect(job).toMatchObject({ state: "failed", cause: { code: "oom" } });
      const { peakBytes, limitBytes } = job.cause?.evidence ?? {};
      expect(limitBytes).toBe(64 * MIB);
      expect(Number(peakBytes)).toBeGreaterThan(48 * MIB);
      expect(Number(peakBytes)).toBeLessThanOrEqual(64 * MIB);
      await server().servesOthers();
    },
  );

  it("ABUSE 7: one child too large ends the job whole, and never leaves the half of it to go on", async () => {
    const script = "echo begun; head -c 200M /dev/zero | tail >/dev/null; echo gone on; sleep 1";
    const { job, stdout } = await server().run(script, { resources: { memory: "64MiB" } });
    expect(job).toMatchObject({ state: "failed", cause: { code: "oom" } });
    expect(stdout).toBe("begun\n");
  });

  it("ABUSE 7: a hog of the page cache is only slowed down", async () => {
    // Written past the cache: pages that wait for a slow disk are not the cache's to give up.
    const hog =
      "for n in 1 2 3 4; do dd if=/dev/zero of=big$n bs=1M count=32 oflag=direct; done; cat big* big* > /dev/null && echo done";
    const { job, stdout } = await server().run(hog, { resources: { memory: "64MiB" } });
    expect(job).toMatchObject({ state: "succeeded", cause: { code: "exit", evidence: {} } });
    expect(stdout).toBe("done\n");
    expect(job.usage.peakMemoryBytes).toBeLessThanOrEqual(64 * MIB);
  });

  it("ABUSE 7: a large reservation that is not touched is allowed", async () => {
    const reserve =
      "import mmap\nheld = mmap.mmap(-1, 1 << 36, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)\nprint('reserved')";
    const { stdout } = await server().run(python(reserve));
    expect(stdout).toBe("reserved\n");
  });
});

describe.skipIf(started === null)("the memory of a job on any host", () => {
  it("ABUSE 7: cannot be hidden in a control group of the job's own", async () => {
    const { job } = await server().run(
      "for at in /sys/fs/cgroup /sys/fs/cgroup/unified; do mkdir -p $at/hide && exit 1; done; mkdir /tmp/c; mount -t cgroup2 none /tmp/c && exit 1; exit 0",
    );
    expect(job).toMatchObject({ exitCode: 0, cause: { code: "exit" } });
  });

  it("ABUSE 7: holds no more of /dev/shm than that has, whatever its limit", async () => {
    const { stdout } = await server().run(
      "head -c 80M /dev/zero > /dev/shm/fill || stat -c %s /dev/shm/fill",
    );
    expect(stdout).toBe(`${64 * MIB}\n`);
  });
});
