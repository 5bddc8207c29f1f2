/**
 * What a server does on a host in one of its lives, from one boot to the next power cut. Runs on a host of its own, whose
 * disk is mounted at the given folder; writes what it saw to the given file when it is done, and stays.
 * Arguments: `first` or `second`, the folder, the file.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobSpecInput } from "@berth/protocol";
import { isTerminal } from "@berth/protocol";
import { ServerProcess } from "../../packages/server/test/support/server-process.ts";
import { until } from "../../packages/server/test/support/until.ts";

const [phase = "", root = "", report = ""] = process.argv.slice(2);
const ids = join(root, "ids.json");
const patient = { timeoutMs: 120_000 };

const stay: JobSpecInput = { command: "sh", args: ["-c", "echo begin; sleep 1000"] };
const quick: JobSpecInput = { command: "sh", args: ["-c", "echo begin; exit 3"] };

export interface Seen {
  state: string;
  cause: string | null;
  message: string;
  started: boolean;
  events: string[];
  output: string;
}

const open = (maxJobs: number, crashAt?: string): Promise<ServerProcess> =>
  ServerProcess.start({
    root,
    engine: "local",
    env: { BERTH_MAX_JOBS: String(maxJobs) },
    ...(crashAt === undefined ? {} : { crashAt }),
  });

const lives: Record<string, () => Promise<unknown>> = {
  /** Leaves jobs in every state that a power cut can meet them in. */
  async first() {
    const first = await open(1);
    const ended = await first.api.submit(quick);
    await first.api.end(ended.id);
    const running = await first.api.submit(stay);
    await until(async () => (await first.api.job(running.id)).state === "running", {
      what: "it runs",
      ...patient,
    });
    const begun = await first.api.submit(stay);
    const queued = await first.api.submit(quick);
    await first.kill();
    // One more place: the next in line is started, and the server dies before it can record that.
    const second = await open(2, "spawned");
    await second.exit();
    const log = join(root, "data/logs");
    const known = { ended, running, begun, queued };
    writeFileSync(ids, JSON.stringify(Object.entries(known).map(([name, { id }]) => [name, id])));
    await until(
      () => execFileSync("grep", ["-rlE", "^begin", log]).toString().trim().split("\n").length === 3,
      {
        what: "the first line of three jobs",
        ...patient,
      },
    );
    // What is on the disk by now is what counts: the rest goes with the power.
    execFileSync("sync");
    return {};
  },

  /** Comes back: dies once more as soon as anything is recorded, then sees what has become of all of them. */
  async second() {
    const known = JSON.parse(readFileSync(ids, "utf8")) as [name: string, id: string][];
    // It may be gone before it has said that it is ready.
    await open(1, "recorded").then(
      (doomed) => doomed.exit(),
      () => null,
    );
    const server = await open(2);
    const more = await Promise.all([1, 2, 3].map(() => server.api.submit(quick)));
    const all = [...known, ...more.map(({ id }, n) => [`new ${n}`, id] as const)];
    const seen = await endsOf(server, all);
    // What should not run any more would take the places of those that come now.
    for (const [, id] of all)
      if (!isTerminal((await server.api.job(id)).state)) await server.api.stop(id, "0s");
    const forward = await setClock(600, server);
    const back = await setClock(-600, forward.next);
    await back.next.kill();
    return { seen, forward: forward.seen, back: back.seen };
  },
};

/** Sets the host's clock while two jobs run, and starts the server again: what becomes of them, and after how long. */
async function setClock(
  seconds: number,
  server: ServerProcess,
): Promise<{ seen: Record<string, Seen>; next: ServerProcess }> {
  const timeouts = { run: "10m", idle: "10m", cpu: "10m", queue: "10m" };
  const patientJob = await server.api.submit({
    command: "sh",
    args: ["-c", "echo begin; sleep 10; exit 3"],
    timeouts,
  });
  const late = await server.api.submit({ ...stay, timeouts: { run: "12s" } });
  const jobs = { patient: patientJob, late };
  for (const { id } of Object.values(jobs)) {
    await until(async () => (await server.api.job(id)).state === "running", { what: "it runs", ...patient });
  }
  execFileSync("date", ["-s", `@${Math.round(Date.now() / 1000) + seconds}`]);
  await server.kill();
  const next = await open(2);
  const seen = await endsOf(
    next,
    Object.entries(jobs).map(([name, { id }]) => [name, id] as const),
  );
  return { seen, next };
}

/** How they have ended, waited for together: where one does not end, those behind it wait as well. */
async function endsOf(
  server: ServerProcess,
  jobs: readonly (readonly [name: string, id: string])[],
): Promise<Record<string, Seen>> {
  const ends = jobs.map(async ([name, id]) => [name, await endOf(server, { id, name })] as const);
  return Object.fromEntries(await Promise.all(ends));
}

/** How it has ended; as it is where that does not come: the test tells what should have been. */
async function endOf(server: ServerProcess, { id, name }: { id: string; name: string }): Promise<Seen> {
  const isOver = async (): Promise<boolean> => isTerminal((await server.api.job(id)).state);
  await until(isOver, { what: `the end of what was ${name}`, ...patient }).catch((error: unknown) =>
    console.error(error),
  );
  const { state, cause, startedAt } = await server.api.job(id);
  return {
    state,
    cause: cause?.code ?? null,
    message: cause?.message ?? "",
    started: startedAt !== null,
    events: (await server.api.events(id)).map(({ type }) => type),
    output: await server.api.output(id),
  };
}

const result = await lives[phase]?.();
writeFileSync(`${report}.new`, JSON.stringify(result));
renameSync(`${report}.new`, report);
// Until the power goes.
await new Promise((resolve) => setTimeout(resolve, 3_600_000));
