import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { type EngineBench, openEngineBench } from "./support/engine-bench.ts";
import { type Goods, takeGoods } from "./support/kernel-goods.ts";
import { subject } from "./support/local-subject.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: what of the kernel a job can use up, because ${missing}`);
const bench = missing === null ? await openEngineBench(subject) : null;
afterAll(() => bench?.[Symbol.asyncDispose]());

function open(): EngineBench {
  if (!bench) throw new Error("skipped");
  return bench;
}

const all: Goods = {
  inotify: 20_000,
  watches: 5000,
  timers: 200_000,
  signals: 200_000,
  ptys: 10_000,
  queues: 1000,
};
/** What a program of some size needs. */
const some: Goods = { inotify: 20, watches: 1000, timers: 500, signals: 100, ptys: 8, queues: 4 };

/** The host's limit for one user. */
const instances = Number(readFileSync("/proc/sys/fs/inotify/max_user_instances", "utf8"));

const gotBy = (output: string): Goods => JSON.parse(output.split("\n")[0] ?? "") as Goods;

describe.skipIf(bench === null)("goods of the kernel that no control group counts", () => {
  it("ABUSE 35: of them a job has its own share, and one that takes all leaves the others and root theirs", async () => {
    const greedy = await open().startReady(takeGoods(all, { holdSeconds: 60 }));
    const other = await open().run(takeGoods(some, { holdSeconds: 0 }));
    expect(gotBy(other.stdout.toString())).toEqual(some);
    const { command, args } = takeGoods(some, { holdSeconds: 0 });
    const { stdout } = await promisify(execFile)(command, [...args]);
    expect(gotBy(stdout)).toEqual(some);
    const got = gotBy(open().stdoutOf(greedy).toString());
    expect(got.inotify).toBeLessThanOrEqual(instances);
    expect(got.timers + got.signals).toBeLessThanOrEqual(8192);
    expect(got.ptys).toBeLessThanOrEqual(32);
    await open().engine.destroy(greedy.handle);
  });

  it("ABUSE 35: events of asynchronous I/O, which are counted for the whole host, are not given", async () => {
    const code = 'my $c = pack "Q", 0; my $r = syscall(206, 1, $c); print $r == -1 ? $! + 0 : "done"';
    const { stdout } = await open().run({ command: "perl", args: ["-e", code] });
    expect(stdout.toString()).toBe("38");
  });

  it("ABUSE 35: filters of sockets, whose compiled code has one bound for the host, are not given", async () => {
    const code = String.raw`import ctypes, socket as s, struct
libc = ctypes.CDLL(None, use_errno=True)
insns = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0xffff))
program = struct.pack('HxxxxxxP', 1, ctypes.addressof(insns))
def attach(family, kind, level, option):
  fd = s.socket(family, kind).detach()
  result = libc.setsockopt(fd, level, option, program, len(program)) if level < 2**31 else \
    libc.syscall(54, ctypes.c_long(fd), ctypes.c_long(level), ctypes.c_long(option), program, ctypes.c_long(len(program)))
  return 'done' if result == 0 else ctypes.get_errno()
high = 1 << 32
print([attach(s.AF_UNIX, s.SOCK_DGRAM, 1, 26), attach(s.AF_UNIX, s.SOCK_DGRAM, high | 1, high | 26), attach(s.AF_INET, s.SOCK_DGRAM, 1, 51)])
# All that others need, among them options of the same numbers of other levels.
six, tcp = s.socket(s.AF_INET6, s.SOCK_STREAM), s.socket(s.AF_INET, s.SOCK_STREAM)
six.setsockopt(s.IPPROTO_IPV6, s.IPV6_V6ONLY, 1)
for option in (s.SO_REUSEADDR, s.SO_KEEPALIVE, s.SO_RCVBUF, s.SO_SNDBUF, s.SO_REUSEPORT, s.SO_OOBINLINE): tcp.setsockopt(s.SOL_SOCKET, option, 1)
tcp.setsockopt(s.SOL_SOCKET, s.SO_LINGER, struct.pack('ii', 1, 0))
for option in (20, 21): tcp.setsockopt(s.SOL_SOCKET, option, struct.pack('ll', 1, 0))
for option in (66, 67): tcp.setsockopt(s.SOL_SOCKET, option, struct.pack('qq', 1, 0))
for option in (s.TCP_NODELAY, s.TCP_KEEPIDLE, s.TCP_KEEPCNT): tcp.setsockopt(s.IPPROTO_TCP, option, 1)
for option in (s.IP_TOS, s.IP_TTL, 24, 26): tcp.setsockopt(s.IPPROTO_IP, option, 1)
s.socket(s.AF_INET, s.SOCK_DGRAM).setsockopt(17, 103, 1000)
s.socket(s.AF_NETLINK, s.SOCK_RAW, 0).setsockopt(270, 1, 1)
print('the rest works')`;
    const { stdout, stderr } = await open().run({ command: "/usr/bin/python3", args: ["-c", code] });
    expect([stdout.toString(), stderr.toString()]).toEqual(["[38, 38, 38]\nthe rest works\n", ""]);
  });

  it("ABUSE 35: no file of /proc can be opened for writing but those of the job's own processes", async () => {
    const code = String.raw`import os
found = []
for at, folders, files in os.walk('/proc'):
  if at == '/proc': folders[:] = [f for f in folders if not f.isdigit() and f not in ('self', 'thread-self')]
  for name in files:
    try: os.close(os.open(os.path.join(at, name), os.O_WRONLY | os.O_NONBLOCK))
    except OSError: continue
    found.append(os.path.join(at, name))
# What is masked is the null device.
print([f for f in found if os.stat(f).st_rdev != os.stat('/dev/null').st_rdev], os.listdir('/proc/pressure') if os.path.exists('/proc/pressure') else [])`;
    const { stdout } = await open().run({ command: "/usr/bin/python3", args: ["-c", code] });
    expect(stdout.toString()).toBe("[] []\n");
  });

  it("ABUSE 35: empty files in its memory folders are as many as they have pages", async () => {
    const code = String.raw`import os
for path in ('/tmp', '/dev/shm', '/dev'):
  s = os.statvfs(path); print(path, s.f_blocks * s.f_frsize >> 10, s.f_files)`;
    const { stdout } = await open().run({ command: "/usr/bin/python3", args: ["-c", code] });
    expect(stdout.toString()).toBe("/tmp 262144 65536\n/dev/shm 65536 16384\n/dev 64 1024\n");
  });

  it("ABUSE 35: two jobs have no user id in common, and each its own user namespace", async () => {
    const look = {
      command: "sh",
      args: ["-c", "cat /proc/self/uid_map; readlink /proc/self/ns/user; echo ready; sleep 60"],
    };
    const jobs = [await open().startReady(look), await open().startReady(look)];
    const seen = jobs.map((job) => open().stdoutOf(job).toString().split("\n"));
    expect(new Set(seen.map(([map]) => map)).size).toBe(2);
    expect(new Set(seen.map(([, users]) => users)).size).toBe(2);
    for (const { handle } of jobs) await open().engine.destroy(handle);
  });
});
