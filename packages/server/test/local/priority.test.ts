import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pids, readProc } from "../support/leftovers.ts";
import { shell } from "../support/local-server.ts";
import { sandboxMaker, subject } from "../support/local-subject.ts";
import { ServerProcess } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: who goes first on this host, because ${missing}`);

/** Which of the fields behind the name in /proc/PID/stat is the nice value. */
const NICE = 16;

/** Of these tests, and so of what they start. */
const usual = getPriority();

/** Name and nice value of each thread of a process. */
function threadsOf(pid: number): { name: string; nice: number }[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
    const [, name = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    return { name, nice: Number(rest.split(" ")[NICE]) };
  });
}

/** What this server has started and waits for. */
function childrenOf(server: number): number[] {
  return pids().filter((pid) => readProc(pid, "status").includes(`\nPPid:\t${server}\n`));
}

describe.skipIf(missing !== null)("of all that the server is made of", () => {
  const folder = tempFolder();
  let server: ServerProcess;
  beforeAll(async () => {
    const env = { BERTH_SANDBOX_MAKER: sandboxMaker };
    server = await ServerProcess.start({ root: folder.path, engine: "local", env });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const run = async (script: string, more = {}): Promise<string> => {
    const { id } = await server.api.submit({ ...shell(script), ...more });
    await server.api.end(id);
    return server.api.output(id);
  };

  const spawners = (): number[] =>
    childrenOf(server.pid).filter((pid) => readProc(pid, "cmdline").includes("berth-spawner"));

  it("what everybody waits for goes first", () => {
    const first = threadsOf(server.pid).filter(({ nice }) => nice < usual);
    expect(first.map(({ name, nice }) => `${name} ${nice}`).toSorted()).toEqual([
      "MainThread -10",
      "berth-writer -10",
    ]);
  });

  it("nothing else does: no job, no helper and no thread that came later", async () => {
    expect(await run("nice; echo >kept", { collect: ["**"] })).toBe(`${usual}\n`);
    // What makes all jobs is started again, by a server that goes first by now.
    const [before] = spawners();
    process.kill(before ?? -1, "SIGKILL");
    const [after = -1] = await until(() => (spawners().some((pid) => pid !== before) ? spawners() : null), {
      what: "another spawner",
    });
    expect(threadsOf(after).map(({ nice }) => nice)).toEqual([usual]);
    expect(
      childrenOf(server.pid)
        .flatMap(threadsOf)
        .filter(({ nice }) => nice !== usual),
    ).toEqual([]);
    const threads = threadsOf(server.pid);
    expect(threads.map(({ name }) => name)).toContain("berth-workshop");
    expect(threads.filter(({ nice }) => nice < usual)).toHaveLength(2);
  });
});
