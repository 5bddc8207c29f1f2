import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cgroupNameOf } from "../../../../test/support/cgroup-name.ts";
import { type EngineBench, openEngineBench } from "../../../../test/support/engine-bench.ts";
import { subject } from "../../../../test/support/local-subject.ts";
import { createLocalEngine } from "../engine.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: pid 1 as a target of its own job, because ${missing}`);

/** An engine with this pid 1. */
function openWith(initPath: string | null): Promise<EngineBench> {
  const open: typeof subject.open = (root) =>
    createLocalEngine({ dataDir: join(root, "data"), cgroupName: cgroupNameOf(root), initPath });
  return openEngineBench({ ...subject, open });
}

const python = (code: string) => ({ command: "/usr/bin/python3", args: ["-c", code] });

/** Tries what of pid 1 lies in /proc, and says what it could get at. */
const attack = python(String.raw`import os, signal
def can(path, how):
  try: os.close(os.open('/proc/1/' + path, how)); return True
  except OSError: return False
found = [p for p in ('mem', 'maps', 'environ', 'auxv', 'fd/3', 'fd/1', 'syscall', 'io', 'task/1/mem') if can(p, os.O_RDONLY)]
found += ['write ' + p for p in ('mem', 'fd/3', 'comm', 'oom_score_adj', 'coredump_filter', 'clear_refs', 'task/1/mem') if can(p, os.O_WRONLY)]
for name in ('fd', 'map_files'):
  try: found += [name + str(os.listdir('/proc/1/' + name))]
  except OSError: pass
for name in ('exe', 'cwd', 'root', 'fd/3', 'ns/mnt'):
  try: found += [name + os.readlink('/proc/1/' + name)]
  except OSError: pass
try: found += ['init ' + str(len(open('/.init/' + os.listdir('/.init')[0], 'rb').read()))] if os.access('/.init', os.R_OK) else []
except OSError: pass
own = [n for n in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + n)]
for n in range(1, 65):
  try: os.kill(1, n)
  except OSError: pass
print(found, sorted(own), flush=True)
os.abort()`);

describe.skipIf(missing !== null)("pid 1 of a job", { timeout: 60_000 }, () => {
  it.each([
    ["our own", null],
    ["a small shell", "/bin/sh"],
    ["a large shell", "/bin/bash"],
  ])("ABUSE 34: as %s lets its job look into nothing and write nothing", async (_name, path) => {
    await using bench = await openWith(path);
    const { exit, stdout } = await bench.run(attack);
    expect(stdout.toString()).toBe("[] ['0', '1', '2']\n");
    expect(exit).toMatchObject({ signal: "SIGABRT", code: null, verdict: null });
  });

  it.each(["/bin/sh", "/bin/bash"])(
    "ABUSE 34: as %s does nothing that its job's variables say",
    async (path) => {
      await using bench = await openWith(path);
      const files = [{ name: "evil", content: Buffer.from("echo forged >&3 2>/dev/null || :\n") }];
      const env = {
        PATH: "/usr/bin:/bin",
        ENV: "/work/evil",
        BASH_ENV: "/work/evil",
        LD_PRELOAD: "/work/none.so",
        LD_DEBUG: "all",
        SHELLOPTS: "xtrace",
        PS4: "forged ",
        "BASH_FUNC_echo%%": "() { printf forged; }",
        IFS: "r3",
      };
      const { exit, stdout } = await bench.run({ command: "env", args: ["-0"] }, { files, env });
      expect(exit).toMatchObject({ code: 0, signal: null, verdict: null });
      expect(
        stdout
          .toString()
          .split("\0")
          .sort()
          .filter((line) => line !== ""),
      ).toEqual(
        Object.entries({ ...env, HOME: "/work" })
          .map(([name, value]) => `${name}=${value}`)
          .sort(),
      );
    },
  );

  it("as a shell runs a program with = in its name", async () => {
    await using bench = await openWith("/bin/sh");
    const files = [{ name: "a=b", content: Buffer.from("#!/bin/sh\necho $0 $1\n") }];
    const { stdout } = await bench.run({ command: "./a=b", args: ["-c"] }, { files });
    expect(stdout.toString()).toBe("./a=b -c\n");
  });

  it("ABUSE 34: hands no descriptor on where it is a program that does not report", async () => {
    // It becomes the job's program itself.
    await using bench = await openWith("/usr/bin/env");
    const { exit, stdout } = await bench.run({ command: "sh", args: ["-c", "echo /proc/self/fd/*; exit 3"] });
    expect([exit.code, exit.verdict]).toEqual([3, null]);
    expect(stdout.toString()).toMatch(
      /^\/proc\/self\/fd\/0 \/proc\/self\/fd\/1 \/proc\/self\/fd\/2( \/proc\/self\/fd\/3)?\n$/,
    );
  });
});
