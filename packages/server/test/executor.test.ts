import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isTerminal } from "@berth/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Command, Executor, OutputChunk } from "../src/api/executor/executor.ts";
import { hostIsV2 } from "./support/guest.ts";
import { hierarchies, leftovers, pids, readProc } from "./support/leftovers.ts";
import { subject } from "./support/local-subject.ts";
import { openExecutor, ownDataFolder, readAll } from "./support/open-executor.ts";

const { commands } = subject;
const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: the executor, because ${missing}`);

async function execute(executor: Executor, { command, args }: ReturnType<typeof commands.missing>) {
  return await executor.execute(command, args);
}

function bytesOf(chunks: readonly OutputChunk[]): Buffer {
  return Buffer.concat(chunks.map(({ data }) => data));
}

/** Until it has said its first word: then its handlers are in place. */
async function ready(command: Command): Promise<void> {
  for await (const { data } of command.output()) if (data.length > 0) return;
  throw new Error(`Command "${command.id}" has ended without a word`);
}

describe.skipIf(missing !== null)("an executor", () => {
  it("runs a command to its end and tells state, cause, exit code and use", async () => {
    const executor = await openExecutor();
    const command = await executor.execute("sh", ["-c", "cat; echo problem >&2; exit 7"], {
      stdin: new Uint8Array([0, 255, 10]),
      labels: { made: "here" },
    });
    const end = await command.wait();
    expect(end).toMatchObject({
      id: command.id,
      state: "failed",
      exitCode: 7,
      cause: { code: "exit" },
      labels: { made: "here" },
      usage: { outputBytes: 11 },
    });
    expect(await command.status()).toEqual(end);
    expect([...bytesOf(await readAll(command.output({ stream: "stdout" })))]).toEqual([0, 255, 10]);
    expect(bytesOf(await readAll(command.output({ stream: "stderr", offset: 4 }))).toString()).toBe("lem\n");
  });

  it("gives the same bytes from the first to every reader, whenever it comes and however slow", async () => {
    const executor = await openExecutor();
    const size = 300_000;
    const command = await execute(executor, commands.bytes(size));
    const slowly = async (): Promise<OutputChunk[]> => {
      const chunks: OutputChunk[] = [];
      for await (const chunk of command.output()) {
        chunks.push(chunk);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return chunks;
    };
    const output = command.output();
    const during = await Promise.all([readAll(output), slowly(), readAll(output)]);
    const readers = [...during, await readAll(output), await readAll(command.output({ follow: false }))];
    const wanted = Buffer.from(Uint8Array.from({ length: size }, (_, at) => at % 256));
    for (const chunks of readers) {
      expect(bytesOf(chunks).equals(wanted)).toBe(true);
      let offset = 0;
      for (const chunk of chunks) {
        expect(chunk).toMatchObject({ stream: "stdout", offset, at: expect.any(Number) as number });
        offset += chunk.data.length;
      }
    }
  });

  it("shows a running command as running, and ends a reader or waiter that gives up", async () => {
    const executor = await openExecutor();
    const command = await execute(executor, commands.ignoreTerm());
    await ready(command);
    await vi.waitFor(async () => expect(await command.status()).toMatchObject({ state: "running" }));
    const impatience = new AbortController();
    const { signal } = impatience;
    const waiting = [command.wait({ signal }), readAll(command.output({ signal }))];
    impatience.abort(new Error("enough"));
    for (const one of waiting) await expect(one).rejects.toThrow("enough");
    expect(await command.kill()).toMatchObject({ state: "canceled", signal: "SIGKILL" });
  });

  it.each([
    { how: "TERM that is obeyed", job: commands.exitOnTerm(3), graceMs: 60_000, forced: false, exitCode: 3 },
    { how: "KILL after the grace", job: commands.ignoreTerm(), graceMs: 50, forced: true, exitCode: null },
  ])("stops by $how, and answers when it is gone", async ({ job, graceMs, forced, exitCode }) => {
    const executor = await openExecutor();
    const command = await execute(executor, job);
    await ready(command);
    const end = await command.stop(graceMs);
    expect(end).toMatchObject({
      state: "canceled",
      exitCode,
      cause: { code: "stopped", evidence: { forced } },
    });
    expect(await command.stop()).toEqual(end);
  });

  it("applies its limits and timeouts to a command that names none, and takes the command's own", async () => {
    const executor = await openExecutor({ limits: { cpu: "50%", pids: 40 }, timeouts: { run: "300ms" } });
    const own = await executor.execute("echo", [], { resources: { cpu: 1.5 }, timeouts: { run: "1m" } });
    const other = await executor.execute("sleep", ["1000"]);
    const limit = async (command: Command, name: string): Promise<string | undefined> =>
      (await command.wait()).isolation?.items.find((item) => item.name === name && item.applied)?.detail;
    expect(await limit(own, "cpu-limit")).toMatch(/^1\.5 /);
    expect(await limit(other, "cpu-limit")).toMatch(/^0\.5 /);
    expect(await limit(own, "pids-limit")).toMatch(/^40/);
    expect(await own.status()).toMatchObject({ state: "succeeded" });
    expect(await other.status()).toMatchObject({ state: "failed", cause: { code: "run_timeout" } });
  });

  it.runIf(hostIsV2())("ends a command that takes more memory than the default, with the cause", async () => {
    const executor = await openExecutor({ limits: { memory: "32Mi" } });
    const greedy = await execute(executor, commands.useMemory(256 * 2 ** 20));
    expect(await greedy.wait()).toMatchObject({
      state: "failed",
      cause: { code: "oom", evidence: { limitBytes: 32 * 2 ** 20 } },
    });
  });

  it("runs no more at once than it may, and says why the next one waits", async () => {
    const executor = await openExecutor({ maxJobs: 1 });
    const first = await execute(executor, commands.sleep(1_000_000));
    const second = await executor.execute("true");
    expect(await second.status()).toMatchObject({ state: "queued", cause: { code: "waiting_for_slot" } });
    await first.kill();
    expect(await second.wait()).toMatchObject({ state: "succeeded" });
  });
});

describe.skipIf(missing !== null)("disposing an executor", () => {
  afterEach(() => vi.unstubAllEnvs());

  /** The control group that holds the commands of the executor whose command line says `word`. */
  function groupOf(word: string): string {
    const pid = pids().find((one) => readProc(one, "cmdline").includes(word)) ?? 0;
    const group = /\/(berth-[0-9a-f]{16})\/jobs\//.exec(readProc(pid, "cgroup"))?.[1];
    if (group === undefined) throw new Error(`Cannot find the control group of "${word}"`);
    return group;
  }

  function traces(group: string): string[] {
    const places = [...hierarchies(), "/run", "/dev/shm"].map((parent) => join(parent, group));
    return places.filter((path) => existsSync(path));
  }

  it("ends running, daemonised and queued commands, and leaves nothing on the host", async () => {
    vi.stubEnv("TMPDIR", dirname(ownDataFolder()));
    const executor = await openExecutor({ maxJobs: 2, stopGraceMs: 100 });
    const word = createHash("sha256").update(executor.dataDir).digest("hex");
    const stubborn = await executor.execute("sh", [
      "-c",
      'trap "" TERM; setsid sleep 1000 & echo ready; while :; do sleep 1000; done',
      word,
    ]);
    await ready(stubborn);
    const group = groupOf(word);
    expect(traces(group).length).toBeGreaterThan(1);
    const all = [
      stubborn,
      await executor.execute("sleep", ["1000"]),
      await executor.execute("sleep", ["1000"]),
    ];
    const ends = Promise.all(all.map((command) => command.wait()));
    await executor[Symbol.asyncDispose]();
    expect((await ends).map(({ state }) => state)).toEqual(["canceled", "canceled", "canceled"]);
    const left = await Promise.all(
      [word, group, basename(executor.dataDir)].map((mark) =>
        leftovers({ mark, folder: dirname(executor.dataDir) }),
      ),
    );
    expect(left.flat()).toEqual([]);
    expect(traces(group)).toEqual([]);
  });

  it("answers every call after it with SHUTTING_DOWN, and may be done twice", async () => {
    const executor = await openExecutor();
    const command = await executor.execute("true");
    await command.wait();
    await Promise.all([executor[Symbol.asyncDispose](), executor[Symbol.asyncDispose]()]);
    const calls = [
      () => executor.execute("true"),
      () => executor.find(command.id),
      () => command.status(),
      () => command.wait(),
      () => command.stop(),
      () => readAll(command.output()),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
  });

  it("with leaveRunning leaves a command to the next executor on the folder, with all its output", async () => {
    const dataDir = ownDataFolder();
    const first = await openExecutor({ dataDir, leaveRunning: true });
    const command = await first.execute("sh", [
      "-c",
      "echo one; while ! [ -e go ]; do sleep 0.05; done; echo two",
    ]);
    await ready(command);
    const waiting = [command.wait(), readAll(command.output())].map((one) =>
      one.catch((error: unknown) => error),
    );
    await first[Symbol.asyncDispose]();
    for (const one of await Promise.all(waiting)) expect(one).toMatchObject({ code: "SHUTTING_DOWN" });

    const second = await openExecutor({ dataDir });
    const found = await second.find(command.id);
    expect(isTerminal((await found.status()).state)).toBe(false);
    // It has not started this one, and so leaves it as it is.
    await second[Symbol.asyncDispose]();

    // The same folder, whatever its spelling.
    const third = await openExecutor({ dataDir: `${dataDir}/` });
    const again = await third.find(command.id);
    expect(await again.stop()).toMatchObject({ state: "canceled", signal: "SIGTERM" });
    expect(bytesOf(await readAll(again.output())).toString()).toBe("one\n");
  });
});
