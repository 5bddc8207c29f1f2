import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type EngineBench, openEngineBench } from "../support/engine-bench.ts";
import { subject } from "../support/local-subject.ts";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";

const missing =
  process.arch === "x64" ? await subject.missing() : "the numbers of calls here are those of x86-64";
if (missing !== null) console.log(`SKIPPED: the list of system calls before root, because ${missing}`);
const bench = missing === null ? await openEngineBench(subject) : null;
afterAll(() => bench?.[Symbol.asyncDispose]());

function open(): EngineBench {
  if (!bench) throw new Error("skipped");
  return bench;
}

const EPERM = 1;
const ENOSYS = 38;
const no = -1;
/** No pointer, no descriptor and no flags that a call could take: none of these does anything. */
const REFUSED: readonly (readonly [name: string, number: number, args: readonly number[]])[] = [
  ["mount", 165, [0, 0, 0, 0, 0]],
  ["umount2", 166, [0, 0]],
  ["pivot_root", 155, [0, 0]],
  ["chroot", 161, [0]],
  ["unshare", 272, [1]],
  ["setns", 308, [no, 0]],
  ["bpf", 321, [9999, 0, 0]],
  ["perf_event_open", 298, [0, 0, no, no, 0]],
  ["add_key", 248, [0, 0, 0, 0, 0]],
  ["request_key", 249, [0, 0, 0, 0]],
  ["keyctl", 250, [9999]],
  ["io_uring_setup", 425, [0, 0]],
  ["io_uring_enter", 426, [no, 0, 0, 0, 0, 0]],
  ["userfaultfd", 323, [0xffff]],
  ["ptrace", 101, [9999, 0, 0, 0]],
  ["process_vm_readv", 310, [1, 0, 0, 0, 0, 1]],
  ["process_vm_writev", 311, [1, 0, 0, 0, 0, 1]],
  ["kexec_load", 246, [0, 0, 0, 0xffff]],
  ["kexec_file_load", 320, [no, no, 0, 0, 0xffff]],
  ["init_module", 175, [0, 0, 0]],
  ["finit_module", 313, [no, 0, 0xffff]],
  ["delete_module", 176, [0, 0]],
  ["open_by_handle_at", 304, [no, 0, 0]],
  ["move_mount", 429, [no, 0, no, 0, 0xffff]],
  ["open_tree", 428, [no, 0, 0xff]],
  ["fsopen", 430, [0, 0xff]],
  ["fsmount", 432, [no, 0xff, 0]],
  ["fspick", 433, [no, 0, 0xffff]],
  ["mount_setattr", 442, [no, 0, 0xff, 0, 0]],
  ["swapon", 167, [0, 0x7fffffff]],
  ["swapoff", 168, [0]],
  ["reboot", 169, [0, 0, 0, 0]],
  ["acct", 163, [1]],
  ["sethostname", 170, [0, no]],
  ["setdomainname", 171, [0, no]],
  ["settimeofday", 164, [1, 0]],
  ["clock_settime", 227, [9999, 0]],
  ["syslog", 103, [9999, 0, 0]],
  ["iopl", 172, [9]],
  ["ioperm", 173, [no, 1, 1]],
  ["fanotify_init", 300, [0x7fffffff, 0]],
  ["pidfd_getfd", 438, [no, 0, 0]],
  ["process_madvise", 440, [no, 0, 0, 0, 0]],
  ["kcmp", 312, [no, no, 99, 0, 0]],
];
/** With CLONE_SIGHAND and without CLONE_VM, which the kernel takes from nobody. */
const CLONE_NONSENSE = 0x800;
const NAMESPACES = {
  NEWNS: 0x20000,
  NEWCGROUP: 0x2000000,
  NEWUTS: 0x4000000,
  NEWIPC: 0x8000000,
  NEWUSER: 0x10000000,
  NEWPID: 0x20000000,
  NEWNET: 0x40000000,
};
const UNKNOWN: typeof REFUSED = [
  ["io_setup", 206, [0, 0]],
  ["io_submit", 209, [0, 1, 0]],
  ["seccomp", 317, [1, 0, 0]],
  ["clone3", 435, [0, 0]],
  ...Object.entries(NAMESPACES).map(
    ([name, flag]) => [`clone ${name}`, 56, [flag | CLONE_NONSENSE]] as const,
  ),
];

const calls = String.raw`
import ctypes, json, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
path, calls = sys.argv[1], json.loads(sys.argv[2])
if path:
  code = open(path, 'rb').read()
  buffer = ctypes.create_string_buffer(code, len(code))
  program = struct.pack('HxxxxxxP', len(code) // 8, ctypes.addressof(buffer))
  if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program): raise SystemExit('no filter')
def call(number, args):
  result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(arg) for arg in args])
  return ctypes.get_errno() if result == -1 else 'done'
print(json.dumps([call(number, args) for _, number, args in calls]))`;

/** What root on the host gets for these calls, beneath the jobs' list of system calls or without it. */
function asRoot(list: typeof REFUSED, filter: string): (number | string)[] {
  const output = execFileSync("/usr/bin/python3", ["-c", calls, filter, JSON.stringify(list)]);
  return JSON.parse(output.toString()) as (number | string)[];
}

describe.skipIf(bench === null)("the list of system calls alone, before root without any other wall,", () => {
  it.each([
    { list: REFUSED, error: EPERM, how: "not permitted" },
    { list: UNKNOWN, error: ENOSYS, how: "unknown" },
  ])("ABUSE 17: answers $how, where the kernel by itself would not", async ({ list, error }) => {
    // The list is there when the first job has run; the other filter is that of pid 1 for its command.
    const { stdout } = await open().run({ command: "grep", args: ["^Seccomp", "/proc/self/status"] });
    expect(stdout.toString()).toMatch(/^Seccomp:\t2\n(Seccomp_filters:\t2\n)?$/);
    const filter = join(placesOf(join(open().root, "data")).run, "probe", "filter");
    const named = (results: (number | string)[]): string[] =>
      results.map((result, index) => `${list[index]?.[0]} ${result}`);
    expect(named(asRoot(list, filter))).toEqual(list.map(([name]) => `${name} ${error}`));
    // Without it each gets another answer: so it was the list that gave this one.
    expect(named(asRoot(list, "")).filter((one) => one.endsWith(` ${error}`))).toEqual([]);
  });
});
