import { describe, expect, it } from "vitest";
import { openEngineBench } from "../support/engine-bench.ts";
import { subject } from "../support/local-subject.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: pid 1 as a target of its own job, because ${missing}`);

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

describe.skipIf(missing !== null)("pid 1 of a job", () => {
  it("ABUSE 34: lets its job look into nothing and write nothing", async () => {
    await using bench = await openEngineBench(subject);
    const { exit, stdout } = await bench.run(attack);
    expect(stdout.toString()).toBe("[] ['0', '1', '2']\n");
    expect(exit).toMatchObject({ signal: "SIGABRT", code: null, verdict: null });
  });

  it("ABUSE 34: does nothing that its job's variables say, and hands them on as they are", async () => {
    await using bench = await openEngineBench(subject);
    const files = [{ name: "evil", content: Buffer.from("echo forged >&3 2>/dev/null || :\n") }];
    const env = {
      PATH: "/usr/bin:/bin",
      ENV: "/work/evil",
      BASH_ENV: "/work/evil",
      LD_DEBUG: "none",
      SHELLOPTS: "xtrace",
      PS4: "forged ",
      "BASH_FUNC_echo%%": "() { printf forged; }",
      IFS: "r3",
    };
    const { exit, stdout } = await bench.run({ command: "env", args: ["-0"] }, { files, env });
    expect(exit).toMatchObject({ code: 0, signal: null, verdict: null });
    const shown = stdout
      .toString()
      .split("\0")
      .filter((line) => line !== "");
    const given = Object.entries({ ...env, HOME: "/work" }).map(([name, value]) => `${name}=${value}`);
    expect(shown.toSorted()).toEqual(given.toSorted());
  });

  it("runs a program with = in its name", async () => {
    await using bench = await openEngineBench(subject);
    const files = [{ name: "a=b", content: Buffer.from("#!/bin/sh\necho $0 $1\n") }];
    const { stdout } = await bench.run({ command: "./a=b", args: ["-c"] }, { files });
    expect(stdout.toString()).toBe("./a=b -c\n");
  });
});
