import { parentPort } from "node:worker_threads";
import { systemClock } from "../../../lib/clock.ts";
import { HostServers } from "../../../lib/dns/resolv-conf.ts";
import { Upstream } from "../../../lib/dns/upstream.ts";
import { LookupJournal } from "./lookup-journal.ts";
import type { Opener } from "./openings.ts";
import { openPacketDoor } from "./packet-door.ts";
import { ResolverJobs } from "./resolver-jobs.ts";
import { openStreamDoor } from "./stream-door.ts";
import type { FromResolver, JournaledJob, ResolverData, ToResolver } from "./thread-messages.ts";

/** What one thread works with. */
interface Parts {
  data: ResolverData;
  jobs: ResolverJobs;
  journals: Map<string, LookupJournal>;
  scope: AsyncDisposableStack;
}

/** Answers jobs for as long as the thread is wanted; ends it where that cannot be. */
export async function runResolver(data: ResolverData, opener: Opener & AsyncDisposable): Promise<void> {
  const servers = new HostServers(data.resolvConf, data.hostServersPort);
  const hostServers = () => servers.now();
  const jobs = new ResolverJobs({ upstream: new Upstream(), hostServers, opener, clock: systemClock });
  const parts: Parts = { data, jobs, journals: new Map(), scope: new AsyncDisposableStack() };
  parts.scope.use(opener);
  try {
    for (const [digest, rules] of data.rules) jobs.learnRules(digest, rules);
    for (const job of data.jobs) await admit(job, parts);
    // One after another: a job is not dismissed before it is admitted.
    let last: Promise<void> = Promise.resolve();
    parentPort?.on("message", (message: ToResolver) => {
      last = last.then(() => hear(message, parts)).catch(onProblem);
    });
    tell({ kind: "listening", port: await listen(parts) });
  } catch (error) {
    tell({ kind: "failed", message: messageOf(error) });
    await parts.scope.disposeAsync();
    parentPort?.close();
  }
}

/** At the same port by packets and by streams. Of those that are free for the one, another program may have some for the other. */
async function listen({ data: { address, port }, jobs, scope }: Parts): Promise<number> {
  const by = (way: "packet" | "stream") => (from: string, message: Buffer) => jobs.answer(from, message, way);
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

async function hear(message: ToResolver, parts: Parts): Promise<void> {
  const { jobs, journals, scope } = parts;
  switch (message.kind) {
    case "rules":
      return jobs.learnRules(message.digest, message.rules);
    case "forget":
      return jobs.forgetRules(message.digest);
    case "admit":
      await admit(message.job, parts);
      return tell({ kind: "done", what: "admit", address: message.job.address });
    case "flush":
      await journals.get(message.address)?.written();
      return tell({ kind: "done", what: "flush", address: message.address });
    case "dismiss":
      jobs.dismiss(message.address);
      await journals.get(message.address)?.close();
      journals.delete(message.address);
      return tell({ kind: "done", what: "dismiss", address: message.address });
    case "all-shut":
      return jobs.forgetOpenings();
    case "close":
      await scope.disposeAsync();
      await Promise.all([...journals.values()].map((journal) => journal.written()));
      return tell({ kind: "closed" });
    default:
      return message satisfies never;
  }
}

async function admit(job: JournaledJob, { jobs, journals }: Parts): Promise<void> {
  const journal = await LookupJournal.open(job.lookups, onProblem);
  journals.set(job.address, journal);
  jobs.admit(job, journal);
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
