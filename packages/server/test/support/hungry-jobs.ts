import type { JobSpecInput } from "@berth/protocol";
import { python } from "./local-server.ts";

/** Takes all the CPU it gets, in two children, for so many seconds; prints the CPU seconds that both got, and from when to when. */
export function burn(seconds: number, { from = 0 }: { from?: number } = {}): JobSpecInput {
  const program = `
import os, resource, sys, time
begin = max(float(sys.argv[1]), time.time())
end = begin + float(sys.argv[2])
for _ in range(2):
    if os.fork() == 0:
        time.sleep(max(0, begin - time.time()))
        while time.time() < end: pass
        os._exit(0)
os.wait(); os.wait()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, begin, time.time())`;
  return python(program, String(from), String(seconds));
}

/** What `burn` prints. */
export function burnt(stdout: string): { used: number; from: number; to: number } {
  const [used = Number.NaN, from = Number.NaN, to = Number.NaN] = stdout.split(" ").map(Number);
  return { used, from, to };
}

/**
 * Takes memory, little by little, for at most so many seconds; prints how many whole MiB it got and in how
 * many seconds, and holds them.
 */
export function grow(mebibytes: number, options: { seconds: number; holdSeconds?: number }): JobSpecInput {
  const program = `
import sys, time
most, seconds, hold = map(float, sys.argv[1:])
held, begin = [], time.monotonic()
block = b"x" * (1 << 16)
while len(held) < most * 16 and time.monotonic() < begin + seconds: held.append(bytearray(block))
print(len(held) // 16, time.monotonic() - begin, flush=True)
time.sleep(hold)`;
  const { seconds, holdSeconds = 0 } = options;
  return python(program, String(mebibytes), String(seconds), String(holdSeconds));
}

/** Moves so many MiB between memory and the disk, past the page cache; prints the seconds that it took. */
export function transfer(direction: "read" | "write", mebibytes: number): JobSpecInput {
  const program = `
import mmap, os, sys, time
block = mmap.mmap(-1, 1 << 20)
def move(act, flags):
    fd = os.open("/work/data", flags | os.O_CREAT | os.O_DIRECT)
    begin = time.monotonic()
    for _ in range(int(sys.argv[2])):
        if act(fd, [block]) != len(block): sys.exit("short")
    os.close(fd)
    return time.monotonic() - begin
seconds = move(os.writev, os.O_WRONLY)
if sys.argv[1] == "read": seconds = move(os.readv, os.O_RDONLY)
print(seconds)`;
  return python(program, direction, String(mebibytes));
}

/** Every process of it forks for so many seconds; prints the most that were there at once, without the init. */
export function forkBomb(seconds: number): JobSpecInput {
  const program = `
import os, sys, time
end = time.time() + float(sys.argv[1])
main, most, refused = os.getpid(), 0, 0
# Its children go on until it ends, and it does not before it was refused one, however slow the host is.
while time.time() < end or (refused == 0 if os.getpid() == main else time.time() < end + 60):
    try: os.fork()
    except OSError:
        refused += 1
        time.sleep(0.02)
    if os.getpid() == main: most = max(most, sum(name.isdigit() and name != "1" for name in os.listdir("/proc")))
if os.getpid() == main: print(most)`;
  return python(program, String(seconds));
}

/** Makes threads until it has so many or gets no more, prints how many, and keeps them until it is stopped. */
export function crowd(threads: number): JobSpecInput {
  const program = `
import sys, threading, time
threading.stack_size(1 << 16)
over, made, refused = threading.Event(), 0, 0
while made < int(sys.argv[1]) and refused < 20:
    try: threading.Thread(target=over.wait, daemon=True).start()
    except RuntimeError:
        refused += 1
        time.sleep(0.02)
    else: made += 1
print(made, flush=True)
over.wait()`;
  return python(program, String(threads));
}
