import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openEngineBench, patienceMs, type EngineBench, type Ended } from "../support/engine-bench.ts";
import { subject } from "../support/local-subject.ts";
import { cgroupNameOf } from "../support/cgroup-name.ts";
import type { Launch } from "../../src/engines/engine.ts";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { readControl } from "../../src/engines/local/groups/control-file.ts";
import { findLayout } from "../../src/engines/local/groups/layout.ts";
import { JobFolder } from "../../src/engines/local/jobs/job-folder.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: what a job on this host can reach, because ${missing}`);
const bench = missing === null ? await openEngineBench(subject) : null;
afterAll(() => bench?.[Symbol.asyncDispose]());

function open(): EngineBench {
  if (!bench) throw new Error("skipped");
  return bench;
}

const path = { PATH: "/usr/bin:/bin" };
const shell = (script: string, overrides: Partial<Launch> = {}): Promise<Ended> =>
  open().run({ command: "sh", args: ["-c", script] }, { env: path, ...overrides });
const perl = (script: string): Promise<Ended> => open().run({ command: "perl", args: ["-e", script] });
const said = async (script: string): Promise<string> => (await shell(script)).stdout.toString().trim();

const EPERM = 1;
const EINVAL = 22;
const ENOSYS = 38;
const CLONE_NEWUSER = 0x10000000;

describe.skipIf(bench === null)("the kernel, for a job,", () => {
  // That it is the list which refuses, and no other wall, is tried in seccomp.test.ts.
  it.skipIf(process.arch !== "x64").each([
    { name: "mount", number: 165, args: '"none", "/tmp", "tmpfs", 0, 0', error: EPERM },
    { name: "umount2", number: 166, args: '"/tmp", 0', error: EPERM },
    { name: "pivot_root", number: 155, args: '"/tmp", "/tmp"', error: EPERM },
    { name: "chroot", number: 161, args: '"/tmp"', error: EPERM },
    { name: "unshare", number: 272, args: `${CLONE_NEWUSER}`, error: EPERM },
    { name: "setns", number: 308, args: "0, 0", error: EPERM },
    { name: "bpf", number: 321, args: '0, "x" x 128, 128', error: EPERM },
    { name: "perf_event_open", number: 298, args: '"x" x 128, 0, -1, -1, 0', error: EPERM },
    { name: "add_key", number: 248, args: '"user", "a", "b", 1, -3', error: EPERM },
    { name: "request_key", number: 249, args: '"user", "a", 0, -3', error: EPERM },
    { name: "keyctl", number: 250, args: "0, -3, 1", error: EPERM },
    { name: "io_uring_setup", number: 425, args: '1, "x" x 128', error: EPERM },
    { name: "userfaultfd", number: 323, args: "1", error: EPERM },
    { name: "ptrace", number: 101, args: "0, 0, 0, 0", error: EPERM },
    { name: "process_vm_readv", number: 310, args: "$$, 0, 0, 0, 0, 0", error: EPERM },
    { name: "kexec_load", number: 246, args: "0, 0, 0, 0", error: EPERM },
    { name: "init_module", number: 175, args: '"x", 1, ""', error: EPERM },
    { name: "open_by_handle_at", number: 304, args: '-100, "x" x 16, 0', error: EPERM },
    { name: "move_mount", number: 429, args: '-100, "/", -100, "/tmp", 0', error: EPERM },
    { name: "clone with a namespace", number: 56, args: `${CLONE_NEWUSER | 17}, 0, 0, 0, 0`, error: ENOSYS },
    { name: "clone3", number: 435, args: '"x" x 88, 88', error: ENOSYS },
    { name: "a filter of its own", number: 157, args: "22, 2, 0", error: EINVAL },
    {
      name: "a filter of its own, with more bits",
      number: 157,
      args: `${22 + 2 ** 32}, 2, 0`,
      error: EINVAL,
    },
    {
      name: "another's limits, as those of pid 1, which has its user",
      number: 302,
      args: '1, 1, "\\0" x 16, 0',
      error: EPERM,
    },
    { name: "personality", number: 135, args: `${0x0040000}`, error: ENOSYS },
    { name: "a family of sockets that few need", number: 41, args: "38, 5, 0", error: ENOSYS },
    {
      name: "a lease on its output, which the server would have to wait for",
      number: 72,
      args: "1, 1024, 1",
      error: ENOSYS,
    },
    { name: "a lease with a high bit beside", number: 72, args: `1, ${2 ** 32 + 1024}, 1`, error: ENOSYS },
    { name: "a call of tomorrow", number: 9999, args: "", error: ENOSYS },
  ])("ABUSE 17: refuses $name", async ({ number, args, error }) => {
    const call = [number, args].filter((part) => part !== "").join(", ");
    const { stdout } = await perl(
      `my ($n, @a) = (${call}); my $r = syscall($n, @a); print $r == -1 ? $! + 0 : "done $r"`,
    );
    expect(stdout.toString()).toBe(String(error));
  });

  it.skipIf(process.arch !== "x64")("ABUSE 17: does nothing for a 32-bit call", async () => {
    const code = String.raw`import ctypes, mmap
m = mmap.mmap(-1, 4096, prot=7); m.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))())`;
    const { exit, stdout } = await open().run({ command: "/usr/bin/python3", args: ["-c", code] });
    // A guest kernel may take it for a 64-bit call of the same number, and refuse that.
    expect(exit.signal === "SIGSYS" || Number(stdout) < 0).toBe(true);
  });

  it("gives no capability, also not to who is allowed to gain", async () => {
    const status = await said("grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status");
    for (const line of status.split("\n").filter((one) => one.startsWith("Cap")))
      expect(line).toMatch(/\t0+$/);
    expect(status).toMatch(/NoNewPrivs:\t1/);
    expect(status).toMatch(/Seccomp:\t2/);
  });

  it("shows no process, address, name or group of others", async () => {
    const { stdout } = await shell(
      "ls /proc | grep -c '^[0-9]'; tail -n +3 /proc/net/dev | wc -l; cat /proc/self/cgroup; uname -n",
    );
    const lines = stdout.toString().trim().split("\n");
    expect(Number(lines[0])).toBeLessThan(8);
    expect(lines[1]).toBe("1");
    expect(lines.at(-1)).toBe("job");
  });

  it("has a loopback that works", async () => {
    const { stdout } = await open().run({
      command: "/usr/bin/python3",
      args: [
        "-c",
        "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname()); print('ok')",
      ],
    });
    expect(stdout.toString()).toBe("ok\n");
  });
});

describe.skipIf(bench === null)("the files that a job sees", () => {
  it.each(["/usr/x", "/bin/x", "/etc/x", "/x", "/.init/init", "/etc/ssl/x"])(
    "ABUSE 18: cannot be changed: %s",
    async (file) => {
      const { exit, stderr } = await shell(`echo x >${file}`);
      expect([exit.code === 0, stderr.toString()]).toEqual([
        false,
        expect.stringMatching(/Read-only|Permission denied|nonexistent/),
      ]);
    },
  );

  it("are read-only by the mount, not only by their owner", async () => {
    const table = await said("cat /proc/self/mountinfo");
    const options = new Map(
      table.split("\n").map((line) => [line.split(" ")[4], line.split(" ")[5]?.split(",")]),
    );
    for (const at of ["/", "/usr", "/etc/ssl"])
      expect([at, options.get(at)]).toEqual([at, expect.arrayContaining(["ro", "nosuid", "nodev"])]);
    const writable = [...options].filter(([, one]) => one?.includes("rw")).map(([at]) => at);
    const allowed = ["/proc", "/dev", "/tmp", "/work"];
    expect(
      writable.filter((at) => !allowed.some((root) => at === root || at?.startsWith(`${root}/`))),
    ).toEqual([]);
  });

  it.each(["/etc/shadow", "/root/.bashrc", "/var/lib", "/run/berth", "/sys/kernel", "/boot"])(
    "ABUSE 20: are not those of the host: %s",
    async (file) => {
      expect((await shell(`ls ${file}`)).exit.code).not.toBe(0);
    },
  );

  it("ABUSE 20: do not hold the data of the server or of another job", async () => {
    expect((await shell(`ls ${open().root}`)).exit.code).not.toBe(0);
    expect(await said("ls /work")).toBe("");
  });

  it("ABUSE 18: leave no descriptor open but the three, and no way to the log of another", async () => {
    const { stdout } = await shell("ls /proc/self/fd; ls -l /proc/1/fd/3 2>&1; cat /proc/1/fd/3 2>&1");
    expect(stdout.toString().split("\n").slice(0, 4)).toEqual(["0", "1", "2", "3"]);
    expect(stdout.toString()).toContain("Permission denied");
  });

  it("never give a job power over a device of the host", async () => {
    const { exit, stdout } = await shell("stat -c %u /dev/null /dev/zero /dev/tty; chmod 600 /dev/null");
    // As nobody's, not as its own: a runtime gives what it gets as standard input to the job.
    expect([exit.code === 0, stdout.toString()]).toEqual([false, "65534\n65534\n65534\n"]);
  });
});

describe.skipIf(bench === null)("a program", () => {
  it.each([
    {
      command: "/usr/bin/python3",
      args: [
        "-c",
        "import threading, multiprocessing as m\nt = threading.Thread(target=print, args=('ok',)); t.start(); t.join(); m.Lock()",
      ],
    },
    {
      command: "perl",
      args: ["-MPOSIX", "-e", "if (my $p = fork) { waitpid $p, 0; print qq(ok\n) if !$? }"],
    },
    { command: "/usr/bin/python3", args: ["-c", "import os, pty; pty.openpty(); print('ok')"] },
  ])("finds what it needs: $command $args", async ({ command, args }) => {
    const { stdout, stderr } = await open().run({ command, args });
    expect([stdout.toString(), stderr.toString()]).toEqual(["ok\n", ""]);
  });

  it("that came as an input file can be run, and finds its interpreter", async () => {
    const files = [{ name: "bin/tool", content: Buffer.from("#!/bin/sh\necho tool $1\n") }];
    const { stdout } = await open().run({ command: "bin/tool", args: ["x"] }, { files });
    expect(stdout.toString()).toBe("tool x\n");
  });

  it("that the kernel does not know is the shell's, as everywhere", async () => {
    const files = [{ name: "odd", content: Buffer.from("\x7fELF\necho plain $1\n") }];
    const { stdout } = await open().run({ command: "./odd", args: ["x"] }, { files });
    expect(stdout.toString()).toBe("plain x\n");
  });

  it("that nothing can execute is the job's fault, in one sentence", async () => {
    const files = [{ name: "odd", content: Buffer.from(`#!/work/${"x".repeat(300)}\n`) }];
    const launch = open().newLaunch({ command: "./odd", args: [] }, { files });
    await expect(open().engine.start(launch, AbortSignal.timeout(patienceMs))).rejects.toMatchObject({
      blame: "job",
    });
    await open().engine.destroy(launch.handle);
  });

  it("may have one process where it may have no more", async () => {
    const limits = {
      ...open().newLaunch({ command: "true", args: [] }).limits,
      pids: { value: 1, by: "job" },
    } as const;
    const { exit } = await open().run({ command: "true", args: [] }, { limits });
    expect([exit.code, exit.usage.pidsPeak]).toEqual([0, 1]);
  });

  it("has its limits in control groups that the kernel made", async () => {
    const { engine, root } = open();
    const { limits } = open().newLaunch({ command: "true", args: [] });
    const launch = await open().startReady(subject.commands.ignoreTerm(), {
      limits: { ...limits, cpu: { value: 0.5, by: "job" }, pids: { value: 20, by: "job" } },
    });
    const group = new JobFolder(placesOf(join(root, "data")), launch.id).facts()?.group ?? "";
    const { cpu, pids } = findLayout(cgroupNameOf(root));
    const quota = cpu?.version === 2 ? "cpu.max" : "cpu.cfs_quota_us";
    expect(readControl(join(cpu?.folder ?? "", group), quota)).toMatch(/^50000/);
    // The job's own, and pid 1.
    expect(readControl(join(pids ?? "", group), "pids.max")).toBe("21");
    expect(readControl(join(pids ?? "", group), "pids.current")).toMatch(/^[2-4]$/);
    await engine.destroy(launch.handle);
  });
});

describe.skipIf(bench === null)("the own folder of a job", () => {
  it("holds nothing that an earlier job left at it, not even at the folder itself", async () => {
    const code = [
      "import os",
      "print(sorted(os.listdir('.')), os.listxattr('.'), oct(os.stat('.').st_mode))",
      "try: os.setxattr('.', 'user.note', b'x')",
      "except OSError: os.chmod('.', 0o700)",
    ].join("\n");
    const seen = new Set<string>();
    // More than there are places ready.
    for (let n = 0; n < 20; n += 1) {
      const { stdout } = await open().run({ command: "/usr/bin/python3", args: ["-c", code] });
      seen.add(stdout.toString());
    }
    expect([...seen]).toEqual(["[] [] 0o40755\n"]);
  });
});
