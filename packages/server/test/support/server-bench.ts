import { join } from "node:path";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { cgroupNameOf, removeControlGroups } from "./cgroup-name.ts";
import { leftovers } from "./leftovers.ts";
import { ServerProcess, type ServerProcessOptions } from "./server-process.ts";
import { tempFolder } from "./temp-folder.ts";
import { until } from "./until.ts";

/** One data folder, on which servers come and go. */
export interface ServerBench extends AsyncDisposable {
  readonly root: string;
  start(options?: Partial<ServerProcessOptions>): Promise<ServerProcess>;
  /** Waits until nothing on the host carries the job's id but its output and artifacts, which are kept. */
  untilCleanedUp(id: string): Promise<void>;
}

export function openServerBench(engine: "fake" | "local"): ServerBench {
  const folder = tempFolder();
  const root = folder.path;
  const cgroupName = cgroupNameOf(root);
  const servers: ServerProcess[] = [];

  async function remaining(id: string): Promise<string[]> {
    const found = await leftovers({ mark: id, folder: root, cgroupName });
    return found.filter((trace) => !/^file .*\/data\/(logs|artifacts)\//.test(trace));
  }

  return {
    root,
    async start(options = {}) {
      const server = await ServerProcess.start({ root, engine, ...options });
      servers.push(server);
      return server;
    },
    async untilCleanedUp(id) {
      let last: string[] = [];
      const isGone = async (): Promise<boolean> => {
        last = await remaining(id);
        return last.length === 0;
      };
      await until(isGone, { what: `the clean-up of job "${id}"` }).catch((cause: unknown) => {
        throw new Error(`Cannot find job "${id}" cleaned up:\n${last.join("\n")}`, { cause });
      });
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server.kill();
      await endProcesses(root);
      // In memory, outside of the folder: a server that was killed could not take it away.
      const { run } = placesOf(join(root, "data"));
      await removeControlGroups(cgroupName, engine === "local" ? { run } : {});
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Ends what still works in a test's own folder, so that a test that fails leaves the host clean all the same. */
async function endProcesses(root: string): Promise<void> {
  const strays = async (): Promise<number[]> => {
    const found = await leftovers({ mark: cgroupNameOf(root), folder: root, cgroupName: cgroupNameOf(root) });
    return found.map((trace) => Number(/^process (\d+)/.exec(trace)?.[1])).filter(Number.isInteger);
  };
  // Seen twice: one look can miss a child that was made during it by a process that was then killed.
  let looksWithout = 0;
  await until(
    async () => {
      const pids = await strays();
      for (const pid of pids) endProcess(pid);
      looksWithout = pids.length === 0 ? looksWithout + 1 : 0;
      return looksWithout === 2;
    },
    { what: "the end of the test's processes", timeoutMs: 120_000 },
  );
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // It has ended in between.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
