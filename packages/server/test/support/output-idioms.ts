import type { JobSpecInput } from "@berth/protocol";
import { python, shell } from "./local-server.ts";

/** Something that programs do with their output, and what they have written by it as under any pipe. */
export interface Idiom {
  title: string;
  job: JobSpecInput;
  stdout: string;
  stderr: string;
}

const sh = (script: string): JobSpecInput => shell(script);
const bash = (script: string): JobSpecInput => ({ command: "bash", args: ["-c", script] });
const perl = (program: string): JobSpecInput => ({ command: "perl", args: ["-e", program] });
const node = (program: string): JobSpecInput => ({ command: "/usr/bin/node", args: ["-e", program] });
const c = (body: string): JobSpecInput => ({
  ...shell("cc -w -o a a.c && exec ./a"),
  files: { "a.c": `${cHead}\nint main(void) {\n${body}\n  return 0;\n}\n` },
});

const cHead = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#define say(fd, text) write(fd, text, strlen(text))
#define again(path, text) do { int f = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666); say(f, text); close(f); } while (0)`;

/** Opened again by name, in the middle of what is written through the descriptors. */
const reopened = { stdout: "a\nb\nc\nd\n", stderr: "x\ny\n" };

export const idioms: readonly Idiom[] = [
  {
    title: "sh: > /dev/stderr and > /dev/stdout between other lines",
    job: sh("echo a; echo x >/dev/stderr; echo b >/dev/stdout; echo c; echo y >/dev/stderr; echo d"),
    ...reopened,
  },
  {
    title: "sh: > /proc/self/fd/N, of itself and of a parent",
    job: sh(
      "echo a; echo x >/proc/self/fd/2; echo b >/proc/$$/fd/1; echo c; (echo y >/proc/$$/fd/2); echo d",
    ),
    ...reopened,
  },
  {
    title: "sh: : > /dev/stdout as if to empty it",
    job: sh(
      "echo a; : >/dev/stdout; echo b; : >/dev/stderr; echo c; cat /dev/null >/proc/self/fd/1; echo d; echo x >&2",
    ),
    stdout: "a\nb\nc\nd\n",
    stderr: "x\n",
  },
  {
    title: "sh: | tee /dev/stderr, tee -a, tee to both",
    job: sh(
      "echo a; echo b | tee /dev/stderr; echo c | tee -a /dev/stderr; echo d | tee /dev/stderr >/dev/stdout",
    ),
    stdout: "a\nb\nc\nd\n",
    stderr: "b\nc\nd\n",
  },
  {
    title: "sh: exec > /dev/stderr, and back",
    job: sh("echo a; exec 3>&1 >/dev/stderr; echo x; exec >&3; echo b; exec 2>/dev/stdout; echo c >&2"),
    stdout: "a\nb\nc\n",
    stderr: "x\n",
  },
  {
    title: "sh: /proc/1/fd/*, where nothing of the job is",
    job: sh(
      "echo a; for n in 0 1 2 3 4 5 6 7 8 9; do (echo stray >/proc/1/fd/$n) 2>/dev/null; (: >/proc/1/fd/$n) 2>/dev/null; done; echo b",
    ),
    stdout: "a\nb\n",
    stderr: "",
  },
  {
    title: "sh: background children, also after exec",
    job: sh(
      "(echo a; echo x >/dev/stderr) & wait; (sleep 0.1; echo b >/dev/stdout) & exec sh -c 'sleep 0.5; echo c'",
    ),
    stdout: "a\nb\nc\n",
    stderr: "x\n",
  },
  {
    title: "sh: dd, truncate, fallocate, chmod and flock of /dev/stdout",
    job: sh(
      "echo a; truncate -s 0 /dev/stdout 2>/dev/null; echo b | dd of=/dev/stdout status=none; fallocate -l 1M /dev/stdout 2>/dev/null; flock /dev/stdout echo c; chmod 0 /dev/stdout; echo d",
    ),
    stdout: "a\nb\nc\nd\n",
    stderr: "",
  },
  {
    title: "sh: script(1)",
    job: sh("script -qec 'echo a; echo b >/dev/stderr; echo c >/dev/tty' /dev/null </dev/null"),
    stdout: "a\r\nb\r\nc\r\n",
    stderr: "",
  },
  {
    title: "bash: exec > >(tee /dev/stderr)",
    job: bash('exec 3>&1 > >(tee /dev/stderr); pid=$!; echo a; echo b; exec >&-; wait "$pid"; echo c >&3'),
    stdout: "a\nb\nc\n",
    stderr: "a\nb\n",
  },
  {
    title: "bash: &> /dev/stderr, >| /dev/stdout, a here-string",
    job: bash(
      "echo a; echo x &>/dev/stderr; set -C; echo b >|/dev/stdout; cat <<<c; echo y >|/dev/stderr; echo d",
    ),
    ...reopened,
  },
  {
    title: "perl: open, truncate, sysseek",
    job: perl(String.raw`$| = 1; print "a\n"; truncate(STDOUT, 0); sysseek(STDOUT, 0, 0);
      open(my $e, ">", "/dev/stderr") or die; print $e "x\n"; close $e;
      open(my $o, ">", "/dev/stdout") or die; print $o "b\n"; close $o;
      print "c\n"; print STDERR "y\n"; open(STDOUT, ">", "/proc/self/fd/1") or die; print "d\n";`),
    ...reopened,
  },
  {
    title: "python3: open, ftruncate, lseek, pwrite, mmap, chmod, lease, flock",
    job: python(`import fcntl, mmap, os
def attempt(what, *given):
    try: what(*given)
    except (OSError, ValueError): pass
os.write(1, b"a\\n")
with open("/dev/stderr", "w") as f: f.write("x\\n")
attempt(os.ftruncate, 1, 0)
attempt(os.lseek, 1, 0, 0)
attempt(os.pwrite, 1, b"lost", 0)
attempt(mmap.mmap, 1, 4096)
attempt(fcntl.fcntl, 1, 1024, 1)
attempt(fcntl.flock, 1, fcntl.LOCK_EX)
attempt(fcntl.lockf, 1, fcntl.LOCK_EX)
attempt(os.posix_fallocate, 1, 0, 1 << 20)
with open("/dev/stdout", "w") as f: f.write("b\\n")
attempt(os.chmod, "/dev/stdout", 0)
attempt(os.fchmod, 2, 0)
os.write(1, b"c\\n")
os.write(2, b"y\\n")
print("d", flush=True)`),
    ...reopened,
  },
  {
    title: "python3: splice and tee from a pipe of its own",
    job: python(`import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
r, w = os.pipe()
os.write(1, b"a\\n")
os.write(w, b"b\\nc\\n")
libc.tee(r, 2, ctypes.c_size_t(4), 0)
libc.splice(r, None, 1, None, ctypes.c_size_t(4), 0)
os.write(1, b"d\\n")`),
    stdout: "a\nb\nc\nd\n",
    stderr: "b\nc\n",
  },
  {
    title: "python3: packets, pipes of other sizes, without blocking",
    job: python(`import fcntl, os
def size(fd, bytes):
    try: fcntl.fcntl(fd, 1031, bytes)
    except OSError: pass
flags = fcntl.fcntl(1, fcntl.F_GETFL)
os.write(1, b"a\\n")
size(1, 4096)
fcntl.fcntl(1, fcntl.F_SETFL, flags | os.O_DIRECT)
for text in b"b", b"\\n", b"c" * 9000, b"\\n": os.write(1, text)
size(2, 1 << 20)
fcntl.fcntl(2, fcntl.F_SETFL, flags | os.O_NONBLOCK)
os.write(2, b"x\\n")
size(1, 1 << 16)
fcntl.fcntl(1, fcntl.F_SETFL, flags)
os.write(1, b"d\\n")
os.write(2, b"y\\n")`),
    stdout: `a\nb\n${"c".repeat(9000)}\nd\n`,
    stderr: "x\ny\n",
  },
  {
    title: "node: streams, writeFileSync, appendFileSync",
    job: node(String.raw`const fs = require("node:fs"); console.log("a");
      fs.writeFileSync("/dev/stderr", "x\n"); fs.writeFileSync("/dev/stdout", "b\n");
      fs.appendFileSync("/dev/stdout", "c\n"); console.error("y");
      const out = fs.createWriteStream("/dev/stdout"); out.end("d\n");`),
    ...reopened,
  },
  {
    title: "C: open, ftruncate, lseek, fallocate, mmap, flock, lease, fchmod",
    job: c(`  say(1, "a\\n"); again("/dev/stderr", "x\\n"); ftruncate(1, 0); lseek(1, 0, SEEK_SET);
  posix_fallocate(1, 0, 4096); fallocate(1, 1, 0, 4096); flock(1, LOCK_EX); fcntl(1, F_SETLEASE, F_WRLCK);
  mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 1, 0); again("/dev/stdout", "b\\n"); fchmod(1, 0);
  puts("c"); fflush(stdout); say(2, "y\\n"); say(1, "d\\n");`),
    ...reopened,
  },
  {
    title: "C: freopen, dprintf, setvbuf, vmsplice by way of a pipe",
    job: c(`  setvbuf(stdout, 0, _IONBF, 0); fputs("a\\n", stdout); freopen("/dev/stderr", "w", stderr);
  fputs("x\\n", stderr); dprintf(1, "b\\n"); FILE *again = fopen("/proc/self/fd/1", "w"); fputs("c\\n", again);
  fclose(again); fputs("y\\n", stderr); fflush(stderr); freopen("/dev/stdout", "a", stdout); fputs("d\\n", stdout);`),
    ...reopened,
  },
];
