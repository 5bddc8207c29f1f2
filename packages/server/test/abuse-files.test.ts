import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobSpecInput } from "@berth/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { until } from "./support/until.ts";
import { tempFolder } from "./support/temp-folder.ts";
import { type LocalServer, python, shell, startLocalServer } from "./support/local-server.ts";

const started = await startLocalServer("what files hostile jobs reach");
afterAll(() => started?.[Symbol.asyncDispose]());

function server(): LocalServer {
  if (!started) throw new Error("skipped");
  return started;
}

describe.skipIf(started === null)("a result", () => {
  it.each([
    ["a link to a secret of the host", "ln -s /etc/shadow result.json"],
    ["a link to itself", "ln -s result.json result.json"],
    ["a FIFO", "mkfifo result.json"],
    ["a folder", "mkdir result.json"],
    ["a link to a device", "ln -s /dev/zero result.json"],
    // The one device that the kernel lets everybody make.
    ["a device", "mknod result.json c 0 0 && test -c result.json || exit 9"],
    ["a socket", `exec python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('result.json')"`],
    ["a file with two names", "echo 1 > other; ln other result.json"],
    ["empty", ": > result.json"],
    [
      "10 GB with nothing in it",
      'truncate -s 10G result.json && test "$(stat -c %s result.json)" = 10737418240 || exit 9',
    ],
    ["no JSON", "echo '{' > result.json"],
    ["not a number", "echo NaN > result.json"],
    ["a number that no number holds", "echo 1e999 > result.json"],
    ["an object with a key twice", `echo '{"a":1,"a":2}' > result.json`],
    ["too deep", "python3 -c \"print('['*100000 + ']'*100000)\" > result.json"],
  ])("ABUSE 10: that is %s is none, and the job still ends by its own word", async (_name, script) => {
    const { job } = await server().run(script, { resultFile: "result.json", resources: { disk: "20GiB" } });
    expect(job).toMatchObject({ state: "succeeded", result: null, cause: { code: "exit" } });
    expect(job.cause?.evidence["problems"]).toContain('"result.json"');
    const answer = await server().api.request(`/api/v1/jobs/${job.id}/result`);
    expect(answer.status).toBe(404);
  });
});

/** Daemons that swap a folder for a link to `target` and back without end; says when both have been seen. */
function swapping(target: string): string {
  return `
import os, sys, time
os.mkdir('good'); open('good/passwd', 'w').write('own'); os.symlink(${JSON.stringify(target)}, 'bad')
def swap():
    os.setsid()
    while True:
        for name in ('bad', 'good'):
            try: os.rename(name, 'dir')
            except OSError: pass
            try: os.rename('dir', name)
            except OSError: pass
            try: os.symlink(${JSON.stringify(target)}, 'dir/passwd2')
            except OSError: pass
            try: os.rename(name, 'dir')
            except OSError: pass
for _ in range(3):
    if os.fork() == 0: swap()
seen = set()
while len(seen) < 2:
    try: seen.add(os.path.islink('dir') if os.path.lexists('dir') else None)
    except OSError: pass
    seen.discard(None)
print('swapping', flush=True)`;
}

describe.skipIf(started === null)("a folder that is swapped for a link all the while", () => {
  it("ABUSE 11: is never the link's target, while the server collects and reads the result", async () => {
    const host = readFileSync("/etc/passwd", "utf8");
    const spec = { resultFile: "dir/passwd", collect: ["dir/**", "dir/passwd", "bad/**", "**/passwd*"] };
    const ends = await Promise.all(
      Array.from({ length: 12 }, () => server().run(python(swapping("/etc")), spec)),
    );
    for (const { job, stdout } of ends) {
      expect([job.state, stdout, job.result]).toEqual(["succeeded", "swapping\n", null]);
      for (const path of await server().api.artifacts(job.id)) {
        const answer = await server().api.request(`/api/v1/jobs/${job.id}/artifacts/${path}`);
        const text = await answer.text();
        expect([path, text]).toEqual([path, "own"]);
        expect(text).not.toBe(host);
      }
    }
  });

  it("ABUSE 11: loses nothing of the link's target, while the server removes it", async () => {
    await using outside = tempFolder();
    const canary = join(outside.path, "passwd");
    writeFileSync(canary, "of the host");
    const { api } = server();
    const forever = `${swapping(outside.path)}\ntime.sleep(1000)`;
    const ids = await Promise.all(
      Array.from({ length: 6 }, async () => (await api.submit({ ...python(forever), collect: ["**"] })).id),
    );
    for (const id of ids) {
      await until(async () => (await api.output(id)).includes("swapping"), { what: "the swapping" });
      await api.stop(id, "0s");
      await api.end(id);
      await api.delete(id);
    }
    expect([existsSync(canary), readFileSync(canary, "utf8")]).toEqual([true, "of the host"]);
  });
});

describe.skipIf(started === null)("what `collect` names", () => {
  it("is said on the job where nothing was kept of it: a file, a folder, a pattern, a link", async () => {
    const collect = ["out/*.txt", "out/*.csv", "missing", "empty", "link"];
    const { job } = await server().run("mkdir out empty; : > out/a.txt; ln -s out/a.txt link", { collect });
    const problems = String(job.cause?.evidence["problems"]).split("; ");
    const named = problems.map((problem) => /^Nothing was kept of `collect` "(.*)": ./.exec(problem)?.[1]);
    expect([job.state, named]).toEqual(["succeeded", ["out/*.csv", "missing", "empty", "link"]]);
  });
});

describe.skipIf(started === null)("the kernel's own files", () => {
  it.each([
    [
      "the root of process 1 is the job's own",
      "ls /proc/1/root/root /proc/1/root/home /proc/1/root/var/lib 2>&1; true",
      /No such|Permission/,
    ],
    ["its own program cannot be written", ": > /proc/self/exe; true", /Read-only|Text file busy|Permission/],
    [
      "control groups are not there to be written",
      "echo 1 > /sys/fs/cgroup/cgroup.procs; true",
      /nonexistent|Read-only|Permission|not exist/,
    ],
  ])("ABUSE 18: %s", async (_name, script, wanted) => {
    const { job, stdout } = await server().run(script);
    const stderr = await server().api.output(job.id, "stderr");
    expect(`${stdout}${stderr}`).toMatch(wanted);
  });

  it.each(["/proc/self/fd/7", "/proc/self/fd/8", "/proc/self/cwd/../..", "/proc/1/root"])(
    "ABUSE 18: the working directory %s leads to nothing of the host",
    async (workdir) => {
      const { job, stdout } = await server().run("pwd -P; ls", { workdir });
      expect([job.state, job.cause?.code, stdout]).toEqual(["failed", "command_failed", ""]);
    },
  );

  it("ABUSE 18: descriptors 3 to 1023 are closed", async () => {
    const look =
      "import os\nfound = []\nfor fd in range(3, 1024):\n  try: os.fstat(fd); found.append(fd)\n  except OSError: pass\nprint(found)";
    expect((await server().run(python(look))).stdout).toBe("[]\n");
  });
});

describe.skipIf(started === null)("a job's own environment", () => {
  const harmless: [string, JobSpecInput][] = [
    ["LD_PRELOAD", { command: "/bin/true", env: { LD_PRELOAD: "/work/evil.so" } }],
    ["NODE_OPTIONS", { command: "/bin/true", env: { NODE_OPTIONS: "--require=/work/evil.js" } }],
    [
      "PATH",
      {
        command: "/bin/true",
        env: { PATH: "/work" },
        files: { crun: "#!/bin/sh\nexit 9\n", sh: "#!/bin/sh\nexit 9\n" },
      },
    ],
    ["HOME", { command: "/bin/true", env: { HOME: "/etc" } }],
    ["BERTH_DATA_DIR", { command: "/bin/true", env: { BERTH_DATA_DIR: "/work" } }],
  ];
  it.each(harmless)("ABUSE 19: %s has no effect outside of it", async (name, spec) => {
    const { job } = await server().run(spec);
    expect(job).toMatchObject({ state: "succeeded", exitCode: 0 });
    const complaints = (await server().api.output(job.id, "stderr"))
      .split("\n")
      .filter((line) => line !== "");
    // The loader complains once for each program that it loads: the job's own, and no runtime before it.
    expect(complaints).toHaveLength(name === "LD_PRELOAD" ? 1 : 0);
    await server().servesOthers();
  });
});

describe.skipIf(started === null)("what belongs to others", () => {
  it("ABUSE 20: neither the server's data nor its token nor another job's work can be read", async () => {
    const { api, dataDir, run } = server();
    const token = readFileSync(join(dataDir, "admin-token"), "utf8").trim();
    const { id } = await api.submit({
      ...shell("sleep 5"),
      files: { secret: "of the other job" },
      env: { SECRET: "of-the-other-job" },
    });
    const search = `ls -R ${dataDir} /var/lib /run /root /home 2>&1 | head -50
cat ${join(dataDir, "admin-token")} ${join(dataDir, "berth.db")} /etc/shadow 2>&1
cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/[0-9]*/cwd/secret 2>/dev/null | tr '\\0' '\\n'
grep -rs "of.the.other.job" /work /tmp /dev/shm /proc/[0-9]*/root/work 2>/dev/null; true`;
    const { stdout } = await run(search);
    expect(stdout).not.toContain(token);
    expect(stdout).not.toMatch(/^(root|daemon):[*!$]/m);
    expect(stdout).not.toMatch(/of.the.other.job$/m);
    expect(stdout).not.toContain("SQLite");
    await api.stop(id, "0s");
    await api.end(id);
  });
});
