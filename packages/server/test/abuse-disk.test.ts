import type { ArtifactList, Job } from "@berth/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { type LocalServer, python, startLocalServer } from "./support/local-server.ts";

const started = await startLocalServer("what hostile jobs do to the disk");
afterAll(() => started?.[Symbol.asyncDispose]());

function server(): LocalServer {
  if (!started) throw new Error("skipped");
  return started;
}

async function artifactsOf({ id }: Pick<Job, "id">): Promise<ArtifactList> {
  const answer = await server().api.request(`/api/v1/jobs/${id}/artifacts`);
  return (await answer.json()) as ArtifactList;
}

describe.skipIf(started === null)("the disk", () => {
  // Small, because a new file can take a millisecond where many have gone before. The run timeout is for what is never
  // noticed: where looking costs much, removed files are looked for only now and then.
  const limited = { resources: { disk: "2MiB" }, timeouts: { run: "4m" } };

  it.each([
    ["one file past the limit", "head -c 100M /dev/zero > big"],
    ["many files that add up", "n=0; while :; do n=$((n + 1)); head -c 1M /dev/zero > part$n; done"],
    ["empty files", `exec perl -e 'for (1..600) { open F, ">", $_ or die } sleep 1000'`],
    [
      "names of one file without end",
      `: > 1; exec perl -e 'for (2..60_000) { link 1, "x" x 200 . $_ or die } sleep 1000'`,
    ],
    [
      "removed files that it holds open",
      `exec perl -e 'for (1..3) { open $f[$_], ">", "a" or die; unlink "a"; syswrite $f[$_], "x" x 1e6 } sleep 1000'`,
    ],
    [
      "removed files that it has mapped",
      `exec python3 -c "
import ctypes, os, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
for n in range(3):
    with open('a', 'w+b') as file:
        os.unlink('a')
        file.truncate(1000000)
        ctypes.memset(libc.mmap(None, 1000000, 3, 1, file.fileno(), 0), 120, 1000000)
time.sleep(1000)"`,
    ],
    [
      "removed files that a thread holds whose process has no other any more",
      `exec python3 -c "
import ctypes, os, threading, time
def hold():
    for n in range(3):
        fd = os.open('a', os.O_CREAT | os.O_WRONLY); os.unlink('a'); os.write(fd, b'x' * 1000000)
    time.sleep(1000)
threading.Thread(target=hold).start()
ctypes.CDLL(None).syscall(60, 0)"`,
    ],
    [
      "removed files in a thread's own table",
      `exec python3 -c "
import ctypes, os, time
libc = ctypes.CDLL(None)
fds = []
for n in range(3):
    fds.append(os.open('a', os.O_CREAT | os.O_WRONLY)); os.unlink('a'); os.write(fds[-1], b'x' * 1000000)
stack = ctypes.create_string_buffer(65536)
# CLONE_VM, FS, SIGHAND and THREAD, not FILES: it gets a table of its own.
libc.clone(libc.pause, ctypes.c_void_p(ctypes.addressof(stack) + 65536 - 64), 0x100 | 0x200 | 0x800 | 0x10000, None)
for fd in fds: os.close(fd)
time.sleep(1000)"`,
    ],
    ["what is written right before the end", "for n in 1 2 3; do head -c 1M /dev/zero > part$n; done"],
    ["many small files at the end", "for n in $(seq 600); do echo $n > $n; done"],
  ])("ABUSE 9: %s ends as too much for the disk, and the host is fine", async (_name, script) => {
    const { job } = await server().run(script, limited);
    expect(job).toMatchObject({ state: "failed", cause: { code: "disk_limit" } });
    await server().servesOthers();
  });

  it.each([
    ["space set aside for 100 GB", "exec fallocate -l 100G big"],
    ["a byte after a hole of 4 TiB", "exec dd if=/dev/zero of=big bs=1 count=1 seek=4T status=none"],
    ["the kernel's signal, from itself", "kill -XFSZ $$"],
  ])("ABUSE 9: %s ends by the signal, and nobody says that the disk was full", async (_name, script) => {
    const { job } = await server().run(script, limited);
    expect(job).toMatchObject({ state: "failed", signal: "SIGXFSZ", cause: { code: "signal" } });
    expect(job.cause?.evidence["limitBytes"]).toBe(2 * 2 ** 20);
  });

  it.each(["exec head -c 200k /dev/zero", "head -c 200k /dev/zero >&2"])(
    "ABUSE 38: output is no file of the job's, and no limit of its disk ends it: %s",
    async (script) => {
      const { job } = await server().run(script, { resources: { disk: "64Ki" } });
      expect(job).toMatchObject({ state: "succeeded", usage: { outputBytes: 200 * 1024 } });
    },
  );

  it("a job that holds just what it may, in a few files or in many, has done nothing wrong", async () => {
    const few = "head -c 1M /dev/zero > a; head -c 1M /dev/zero > b";
    const many = "mkdir d; for n in $(seq 500); do echo $n > d/$n; done";
    for (const script of [few, many])
      expect((await server().run(script, limited)).job.cause).toMatchObject({ code: "exit" });
  });

  it.each(["/usr/nosuch", "/usr/bin/env", "/etc/nosuch/x"])(
    "ABUSE 38: the working directory %s is not blamed on the host",
    async (workdir) => {
      const { job } = await server().run("true", { workdir });
      expect(job.cause).toMatchObject({ code: "command_failed" });
      expect(job.cause?.message).toContain("working directory");
    },
  );

  it("ABUSE 9: a file of an exabyte with nothing in it takes no space, and is not collected as if it did", async () => {
    const sparse = python(
      "import os\nfd = os.open('sparse', os.O_CREAT | os.O_WRONLY)\ntry: os.ftruncate(fd, 1 << 60)\nexcept OSError as error: print(error.errno)",
    );
    const { job, stdout } = await server().run(sparse, { ...limited, collect: ["sparse"] });
    const [file] = (await artifactsOf(job)).items;
    // Refused by the kernel (EFBIG, or the signal for it), since no file may be larger than the limit.
    expect([stdout, job.cause?.code]).toContainEqual(expect.stringMatching(/^27\n$|^disk_limit$/));
    expect(file?.size ?? 0).toBe(0);
  });

  it("ABUSE 9: 12,000 empty files are removed with the job, while the server serves others", async () => {
    const many = python(
      "import os\nfor n in range(12000): os.close(os.open(str(n), os.O_CREAT | os.O_WRONLY))\nprint('made')",
    );
    const { api } = server();
    const { id } = await api.submit({ ...many, collect: ["**"] });
    expect(await api.end(id)).toMatchObject({ exitCode: 0 });
    await server().servesOthers();
    expect((await artifactsOf({ id })).items).toHaveLength(10_000);
    await api.delete(id);
  });

  it("ABUSE 9: folders 4,000 deep can be made, and go with the job", async () => {
    const deep = python(
      "import os\nfor n in range(4000):\n  os.mkdir('d')\n  os.chdir('d')\nopen('bottom', 'w').write('x')\nprint('made')",
    );
    const { job, stdout } = await server().run(deep, { collect: ["**/bottom"] });
    expect(stdout).toBe("made\n");
    expect(job.state).toBe("succeeded");
    await server().api.delete(job.id);
    await server().servesOthers();
  });

  it("ABUSE 9: names with line breaks, escape sequences, quotes and bytes that are no UTF-8 are listed safely", async () => {
    const plain = ['quote"\\', "<b>&amp;", " leading", "é", "日本語", "👩‍👩‍👧", "-rf", "$(reboot)"];
    const unsafe = ["line\nbreak", "esc\u001b]0;title\u0007", "csi\u009b31m", "cod\u202etxt.exe", "a\u2066b"];
    const make = python(
      `import os, sys
os.mkdir('out')
for name in sys.argv[1:]: open('out/' + name, 'w').write('x')
open(b'out/\\xff\\xfe', 'w').write('x')`,
      ...plain,
      ...unsafe,
    );
    const { job } = await server().run(make, { collect: ["out/**"] });
    const { items, skipped } = await artifactsOf(job);
    expect(items.map(({ path }) => path).toSorted()).toEqual(plain.map((name) => `out/${name}`).toSorted());
    const reasons = skipped.map(({ path, reason }) => `${path}: ${reason}`).toSorted();
    expect(reasons).toEqual([
      "out/a\\u{2066}b: its name holds control characters",
      "out/cod\\u{202e}txt.exe: its name holds control characters",
      "out/csi\\u{9b}31m: its name holds control characters",
      "out/esc\\u{1b}]0;title\\u{7}: its name holds control characters",
      "out/line\\u{a}break: its name holds control characters",
      "out/\ufffd\ufffd: its name is not UTF-8",
    ]);
    for (const { path, size } of items) {
      const at = path.split("/").map(encodeURIComponent).join("/");
      const answer = await server().api.request(`/api/v1/jobs/${job.id}/artifacts/${at}`);
      expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, size]);
    }
  });
});
