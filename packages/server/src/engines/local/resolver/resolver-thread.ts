import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../../lib/clock.ts";
import { HostServers } from "../../../lib/dns/resolv-conf.ts";
import { Upstream } from "../../../lib/dns/upstream.ts";
import { LookupJournal } from "./lookup-journal.ts";
import { OpenerElsewhere } from "./opener-elsewhere.ts";
import { openPacketDoor } from "./packet-door.ts";
import { ResolverJobs } from "./resolver-jobs.ts";
import { openStreamDoor } from "./stream-door.ts";
import type { FromResolver, JournaledJob, ResolverData, ToResolver } from "./thread-messages.ts";

/** The thread that answers jobs: what these send, however much it is, never comes near the server's own loop. */
const data = workerData as ResolverData;
const servers = new HostServers(data.resolvConf, data.hostServersPort);
const opener = new OpenerElsewhere((asked) => tell({ kind: "open", ...asked }));
const hostServers = () => servers.now();
const jobs = new ResolverJobs({ upstream: new Upstream(), hostServers, opener, clock: systemClock });
const journals = new Map<string, LookupJournal>();
const scope = new AsyncDisposableStack();

try {
  for (const [digest, rules] of data.rules) jobs.learnRules(digest, rules);
  for (const job of data.jobs) await admit(job);
  let last: Promise<void> = Promise.resolve();
  parentPort?.on("message", (message: ToResolver) => {
    // The questions under way wait for it, and so does whoever wants them ended.
    if (message.kind === "opened") opener.opened(message);
    else last = last.then(() => hear(message)).catch(onProblem);
  });
  tell({ kind: "listening", port: await listen() });
} catch (error) {
  tell({ kind: "failed", message: messageOf(error) });
  await scope.disposeAsync();
  parentPort?.close();
}

/** At the same port by packets and by streams. Of those that are free for the one, another program may have some for the other. */
async function listen(): Promise<number> {
  const { address, port } = data;
  for (;;) {
    await using doors = new AsyncDisposableStack();
    const door = doors.use(await openPacketDoor({ address, port, answer: by("packet"), onProblem }));
    try {
      doors.use(await openStreamDoor({ address, port: door.port, answer: by("stream"), onProblem }));
      scope.use(doors.move());
      return door.port;
    } catch (error) {
      if (port !== 0 || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
  }
}

/** One after another: a job is not dismissed before it is admitted. */
async function hear(message: Exclude<ToResolver, { kind: "opened" }>): Promise<void> {
  switch (message.kind) {
    case "rules":
      return jobs.learnRules(message.digest, message.rules);
    case "forget":
      return jobs.forgetRules(message.digest);
    case "admit":
      await admit(message.job);
      return tell({ kind: "admitted", address: message.job.address });
    case "dismiss":
      journals.delete(message.address);
      return jobs.dismiss(message.address);
    case "close":
      await scope.disposeAsync();
      await Promise.all([...journals.values()].map((journal) => journal.written()));
      return tell({ kind: "closed" });
    default:
      return message satisfies never;
  }
}

async function admit(job: JournaledJob): Promise<void> {
  const journal = await LookupJournal.open(job.lookups, onProblem);
  journals.set(job.address, journal);
  jobs.admit(job, journal);
}

function by(way: "packet" | "stream") {
  return (from: string, message: Buffer): Promise<Buffer | null> => jobs.answer(from, message, way);
}

function onProblem(error: unknown): void {
  tell({ kind: "problem", message: messageOf(error) });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tell(message: FromResolver): void {
  parentPort?.postMessage(message);
}
