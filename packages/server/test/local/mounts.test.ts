import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EngineBench, openEngineBench } from "../support/engine-bench.ts";
import { subject } from "../support/local-subject.ts";
import { ociConfig } from "../../src/engines/local/bundle/oci-config.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: the mounts of a job, because ${missing}`);
const bench = missing === null ? await openEngineBench(subject) : null;
afterAll(() => bench?.[Symbol.asyncDispose]());

function open(): EngineBench {
  if (!bench) throw new Error("skipped");
  return bench;
}

interface Mount {
  /** The folder or file of its file system that is shown here. */
  root: string;
  at: string;
  options: readonly string[];
  type: string;
}

/** What the kernel says of a path's mount; a job cannot fake it. */
let mounts: readonly Mount[] = [];
beforeAll(async () => {
  if (!bench) return;
  const { stdout } = await bench.run({ command: "cat", args: ["/proc/self/mountinfo"] });
  mounts = stdout
    .toString()
    .trim()
    .split("\n")
    .map((line) => {
      const [, , , root = "", at = "", options = "", ...rest] = line.split(" ");
      return { root, at, options: options.split(","), type: rest[rest.indexOf("-") + 1] ?? "" };
    });
});

const mountOf = (path: string): Mount | undefined =>
  mounts
    .filter(({ at }) => path === at || path.startsWith(at === "/" ? at : `${at}/`))
    .toSorted((a, b) => b.at.length - a.at.length)[0];

const masked = [
  "acpi",
  "interrupts",
  "kallsyms",
  "kcore",
  "key-users",
  "keys",
  "latency_stats",
  "pressure",
  "sched_debug",
  "scsi",
  "timer_list",
].map((name) => `/proc/${name}`);
const readOnly = ["bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => `/proc/${name}`);

describe.skipIf(bench === null)("the mounts of a job, as the kernel tells of them", () => {
  // What a kernel does not have no mask can be seen at: the order for it is tried below.
  it.each(masked.filter(existsSync))("ABUSE 18: cover %s", (path) => {
    const mount = mountOf(path);
    expect([mount?.at, mount?.options]).toEqual([path, expect.arrayContaining(["ro"])]);
    expect([mount?.root, mount?.type]).not.toContain("proc");
    expect(["/null", "/"]).toContain(mount?.root);
  });

  it.each(readOnly.filter(existsSync))("ABUSE 18: make %s read-only", (path) => {
    expect([mountOf(path)?.at, mountOf(path)?.options]).toEqual([path, expect.arrayContaining(["ro"])]);
  });

  it("ABUSE 18: are ordered for what other kernels have too", () => {
    const config = ociConfig({
      hasNetwork: false,
      root: { kind: "host-toolchain" },
      work: "a",
      ids: { first: 1 },
      joinsUsers: true,
      hardLimits: { openFiles: 1, pendingSignals: 1, queueBytes: 1, coreBytes: 1 },
      cgroupsPath: null,
      filter: null,
    });
    expect(config.linux.maskedPaths).toEqual(expect.arrayContaining(masked));
    expect(config.linux.readonlyPaths).toEqual(expect.arrayContaining(readOnly));
  });

  it.each(["/work", "/tmp", "/dev/shm", "/proc", "/", "/usr"])(
    "ABUSE 19: give nothing from a set-user-id file or a device in %s",
    (path) => {
      expect([mountOf(path)?.at, mountOf(path)?.options]).toEqual([
        path,
        expect.arrayContaining(["nosuid", "nodev"]),
      ]);
    },
  );

  it("ABUSE 9: hold in memory what they may, and not half of the host", async () => {
    const { stdout } = await open().run({
      command: "df",
      args: ["-k", "--output=size", "/tmp", "/dev/shm", "/dev"],
    });
    const sizes = stdout.toString().trim().split("\n").slice(1).map(Number);
    expect(sizes).toEqual([256 * 1024, 64 * 1024, 64]);
  });

  it.skipIf(!existsSync("/etc/ssl/private"))("ABUSE 20: cover the folder of the host's keys", () => {
    expect(mountOf("/etc/ssl/private/any.key")).toMatchObject({
      at: "/etc/ssl/private",
      type: "tmpfs",
      root: "/",
    });
  });
});

describe.skipIf(bench === null)("what a job is given", () => {
  // At 0 a core_pattern with a pipe would still start a program of the host's, as root, with what a job has in memory.
  it("ABUSE 18: is no core file and no program for one, whatever the job does about it", async () => {
    const calls = `ulimit -c 0 && prlimit --core=0 true && perl -e '
      # setrlimit, and prlimit64 with bits that the kernel does not look at.
      my $none = pack("QQ", 0, 0);
      exit(syscall(160, 4, $none) || syscall(302, 0, 4 | 1 << 32, $none, 0))'`;
    const script = `${process.arch === "x64" ? calls : "ulimit -c 0"} && grep "^Max core" /proc/self/limits; ulimit -n 64 && ulimit -n`;
    const { stdout } = await open().run({ command: "sh", args: ["-c", script] });
    expect(stdout.toString()).toMatch(/^Max core file size +1 +1 .*\n64\n$/);
  });

  it("is its standard input to read, also opened again, and neither to own nor to change", async () => {
    const code = String.raw`import os
found = [os.fstat(0).st_uid == os.getuid()]
for how in (os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_APPEND):
  try: os.write(os.open('/proc/self/fd/0', how), b'x'); found.append('written')
  except OSError: pass
for change in (lambda: os.fchmod(0, 0o666), lambda: os.ftruncate(0, 0), lambda: os.setxattr(0, 'user.note', b'x')):
  try: change(); found.append('changed')
  except OSError: pass
print(found, open('/proc/self/fd/0').read())`;
    const stdin = Buffer.from("given");
    const { stdout } = await open().run({ command: "/usr/bin/python3", args: ["-c", code] }, { stdin });
    expect(stdout.toString()).toBe("[False] given\n");
  });
});
