import { randomUUID } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import type { JobSpecInput } from "@berth/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { pids, readProc } from "./support/leftovers.ts";
import { type LocalServer, python, shell, startLocalServer } from "./support/local-server.ts";
import { until } from "./support/until.ts";

const started = await startLocalServer("what hostile processes can do");
afterAll(() => started?.[Symbol.asyncDispose]());

function server(): LocalServer {
  if (!started) throw new Error("skipped");
  return started;
}

/** The processes whose command line carries this mark: all of a job that was given it, and its runtime. */
function processesWith(mark: string): number[] {
  return pids().filter((pid) => readProc(pid, "cmdline").includes(mark));
}

/** Submits with a mark of its own in the command line, which every process that it forks inherits. */
async function submitMarked(spec: JobSpecInput): Promise<{ id: string; mark: string }> {
  const mark = `mark-${randomUUID()}`;
  const { id } = await server().api.submit({ ...spec, args: [...(spec.args ?? []), mark] });
  return { id, mark };
}

describe.skipIf(started === null)("processes of a job", () => {
  const most = 40;
  const bombs: readonly (readonly [string, JobSpecInput])[] = [
    ["a fork bomb in shell", { command: "bash", args: ["-c", ":() { : | : & }; :; while :; do :; done"] }],
    [
      "a fork bomb that calls fork itself",
      python("import os\nwhile True:\n try: os.fork()\n except OSError: pass"),
    ],
    [
      "10,000 threads",
      python(`import threading, time
for n in range(10000):
  try: threading.Thread(target=time.sleep, args=(60,)).start()
  except RuntimeError: time.sleep(0.001)
time.sleep(60)`),
    ],
  ];

  it.each(bombs)("ABUSE 1: %s meets its limit, and others do not notice", async (_name, spec) => {
    const { api, servesOthers } = server();
    const { id, mark } = await submitMarked({ ...spec, resources: { pids: most }, timeouts: { run: "10m" } });
    let seen = 0;
    const look = (): number => {
      const threads = processesWith(mark).map((pid) =>
        Number(/^Threads:\s+(\d+)/m.exec(readProc(pid, "status"))?.[1] ?? 0),
      );
      seen = Math.max(
        seen,
        threads.reduce((sum, count) => sum + count, 0),
      );
      return seen;
    };
    await until(() => look() > most / 2, { what: "the bomb at work" });
    await servesOthers();
    look();
    await api.stop(id, "0s");
    const job = await api.end(id);
    // Beside the limit there is the runtime, which watches from within the job's groups.
    expect(look()).toBeLessThanOrEqual(most + 4);
    expect(job).toMatchObject({ state: "canceled", cause: { code: "stopped" } });
    expect(processesWith(mark)).toEqual([]);
  });

  it.each(bombs)("ABUSE 1: %s ends at its run timeout, whole", async (_name, spec) => {
    const { api } = server();
    const timeouts = { run: "1s" };
    const { id, mark } = await submitMarked({ ...spec, resources: { pids: most }, timeouts });
    expect(await api.end(id)).toMatchObject({ state: "failed", cause: { code: "run_timeout" } });
    expect(processesWith(mark)).toEqual([]);
  });

  it("ABUSE 2: a daemon forked twice into a session of its own, which holds stdout, ends with the job", async () => {
    const { api } = server();
    const daemon = `import os, sys, time
if os.fork() == 0:
  os.setsid()
  if os.fork() == 0:
    time.sleep(1000)
  os._exit(0)
os.wait()
print("main is done", flush=True)`;
    const { id, mark } = await submitMarked(python(daemon));
    const whole = await (await api.request(`/api/v1/jobs/${id}/output?follow=true`)).text();
    expect(whole).toBe("main is done\n");
    expect(await api.end(id)).toMatchObject({ state: "succeeded", exitCode: 0 });
    expect(processesWith(mark)).toEqual([]);
  });

  const stubborn: readonly (readonly [string, JobSpecInput])[] = [
    ["ignores TERM, INT and HUP", shell("trap '' TERM INT HUP; echo ready; while :; do sleep 100; done")],
    [
      "forks for ever in its TERM handler",
      // Not as fast as it can: at its limit of processes the shell would end by itself.
      shell(
        "trap 'while :; do (trap \"\" TERM; sleep 100) & sleep 0.002; done' TERM; echo ready; while :; do sleep 0.1; done",
      ),
    ],
    ["stopped itself", shell("echo ready; kill -STOP $$; sleep 100")],
    ["stopped its children", shell("sleep 100 & kill -STOP $!; trap '' TERM; echo ready; wait; sleep 100")],
    [
      "moved all it could into sessions of their own",
      shell(
        "trap '' TERM; for n in 1 2 3; do setsid sh -c 'trap \"\" TERM; sleep 100' & done; echo ready; wait; sleep 100",
      ),
    ],
  ];

  it.each(stubborn)(
    "ABUSE 3: a job that %s is killed after the grace, whole, and it is said",
    async (_name, spec) => {
      const { api } = server();
      const { id, mark } = await submitMarked({ ...spec, resources: { pids: 1000 } });
      await until(async () => (await api.output(id)).includes("ready\n"), { what: "the job at work" });
      await api.stop(id, "300ms");
      const job = await api.end(id);
      expect(job).toMatchObject({
        state: "canceled",
        cause: { code: "stopped", evidence: { forced: true } },
        signal: "SIGKILL",
      });
      expect(processesWith(mark)).toEqual([]);
    },
  );

  it("ABUSE 3: a stop with the grace of none wins over a job whose group is frozen by a stop signal to all", async () => {
    const { api } = server();
    const { id, mark } = await submitMarked(
      shell("trap '' TERM; sleep 100 & sleep 100 & echo ready; kill -STOP -1; sleep 100"),
    );
    await until(async () => (await api.output(id)).includes("ready\n"), { what: "the job at work" });
    await api.stop(id, "0s");
    expect(await api.end(id)).toMatchObject({ state: "canceled", cause: { evidence: { forced: true } } });
    expect(processesWith(mark)).toEqual([]);
  });

  it("ABUSE 4: 5,000 zombies are reaped while the job goes on", async () => {
    const orphans = `import os, time
# Each child ends at once and leaves a grandchild that process 1 inherits.
for n in range(5000):
  if os.fork() == 0:
    if os.fork() == 0: os._exit(0)
    os._exit(0)
  os.wait()
def zombies():
  found = 0
  for pid in filter(str.isdigit, os.listdir("/proc")):
    try: found += " Z " in open(f"/proc/{pid}/stat").read().rpartition(")")[2][:4]
    except OSError: pass
  return found
for _ in range(1000):
  left = zombies()
  if left == 0: break
  time.sleep(0.01)
print(left)`;
    const { job, stdout } = await server().run(python(orphans), { resources: { pids: 64 } });
    expect(stdout).toBe("0\n");
    expect(job.state).toBe("succeeded");
  });

  it("ABUSE 4: every exit code from 0 to 255 is reported as it was", async () => {
    const codes = Array.from({ length: 256 }, (_, code) => code);
    const seen: (number | null)[] = [];
    const worker = async (): Promise<void> => {
      for (let code = codes.shift(); code !== undefined; code = codes.shift()) {
        const { job } = await server().run(`exit ${code}`);
        seen[code] = job.cause?.code === "exit" && job.signal === null ? job.exitCode : null;
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    expect(seen).toEqual(Array.from({ length: 256 }, (_, code) => code));
  });

  // Not those that do not end a process; STOP and its kin are above.
  const harmless = new Set([
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGWINCH",
  ]);
  const doubles = new Set(["SIGIOT", "SIGPOLL", "SIGUNUSED"]);
  const named = Object.entries(constants.signals).filter(
    ([name]) => !harmless.has(name) && !doubles.has(name),
  );
  // The kernel has 64; the first two of its real-time ones the C library keeps for itself.
  const unnamed = Array.from({ length: 33 }, (_, n): [string, number] => [
    n < 2 ? `SIG${n + 32}` : `SIGRTMIN+${n - 2}`,
    n + 32,
  ]);
  const signals = [...named, ...unnamed];

  it("ABUSE 4: every signal that ends a process is reported by its name", async () => {
    const die =
      "import os, resource, signal, sys\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))\nn = int(sys.argv[1])\nif n < 32 and n not in (9, 19): signal.signal(n, signal.SIG_DFL)\nos.kill(os.getpid(), n)\nsignal.pause()";
    const seen = await Promise.all(
      signals.map(async ([, number]) => {
        const { job } = await server().run(python(die, String(number)));
        return { signal: job.signal, cause: job.cause?.code, exitCode: job.exitCode };
      }),
    );
    // Also the kernel's word for a file too large, where there is none.
    expect(seen).toEqual(signals.map(([signal]) => ({ signal, cause: "signal", exitCode: null })));
  });

  it("ABUSE 5: after a stop nothing but the job is gone, whatever numbers its processes had", async () => {
    const { api } = server();
    // Processes of the host that look just like the job's, and have its numbers inside a namespace of their own.
    const line = "trap '' TERM; echo ready; while :; do sleep 100; done";
    const bystander = spawn("unshare", ["--fork", "--pid", "--kill-child", "sh", "-c", line], {
      stdio: "ignore",
    });
    const { id, mark } = await submitMarked(shell(line));
    await until(async () => (await api.output(id)).includes("ready\n"), { what: "the job at work" });
    await api.stop(id, "100ms");
    expect(await api.end(id)).toMatchObject({ cause: { evidence: { forced: true } } });
    expect(processesWith(mark)).toEqual([]);
    expect([bystander.exitCode, bystander.signalCode]).toEqual([null, null]);
    bystander.kill("SIGKILL");
    await once(bystander, "exit");
  });

  const long = "x".repeat(128 * 1024 - 1);
  const unusual: readonly (readonly [string, JobSpecInput, Record<string, unknown>])[] = [
    ["a missing program", { command: "/no/such/program" }, { cause: { code: "command_failed" } }],
    ["a program in no folder of PATH", { command: "no-such-program" }, { cause: { code: "command_failed" } }],
    ["a folder as the program", { command: "/usr" }, { cause: { code: "command_failed" } }],
    ["a file that may not be executed", { command: "/etc/passwd" }, { cause: { code: "command_failed" } }],
    ["no arguments at all", { command: "/bin/true" }, { state: "succeeded" }],
    ["empty arguments", { command: "sh", args: ["-c", "test $# = 2", "", "", ""] }, { state: "succeeded" }],
    [
      "the longest argument that Linux takes",
      { command: "sh", args: ["-c", "test ${#1} = 131071", "sh", long] },
      { state: "succeeded" },
    ],
    [
      "scripts that name scripts",
      {
        command: "/work/a",
        files: { a: "#!/work/b\n", b: "#!/bin/sh\necho by b of $1\n" },
      },
      { state: "succeeded" },
    ],
    [
      "a script that names itself",
      { command: "/work/a", files: { a: "#!/work/a\n" } },
      { cause: { code: "command_failed" } },
    ],
    [
      "a script whose interpreter is not there",
      { command: "/work/a", files: { a: "#!/no/such/interpreter\n" } },
      { cause: { code: "command_failed" } },
    ],
  ];

  it.each(unusual)("ABUSE 6: %s has a clean end with its cause", async (_name, spec, wanted) => {
    const { job } = await server().run(spec);
    expect(job).toMatchObject(wanted);
    expect(job.cause?.message).not.toMatch(/crun|runtime|undefined/);
    await server().servesOthers();
  });

  it.each([
    [
      "2 MB of arguments",
      { command: "true", args: Array.from({ length: 20 }, () => "x".repeat(100_000)) },
      "args",
    ],
    ["an argument of 128 KiB", { command: "true", args: [`${long}x`] }, "args[0]"],
    ["no command", { command: "" }, "command"],
  ])("ABUSE 6: %s is refused before anything is stored, by the field's name", async (_name, spec, field) => {
    const answer = await server().api.request("/api/v1/jobs", { method: "POST", body: JSON.stringify(spec) });
    expect(answer.status).toBe(400);
    const { problems } = (await answer.json()) as { problems: { field: string }[] };
    expect(problems.map((problem) => problem.field)).toEqual([field]);
  });
});
