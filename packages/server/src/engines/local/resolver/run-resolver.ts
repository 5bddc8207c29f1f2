import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import { systemClock } from "../../../lib/clock.ts";
import { HostServers } from "../../../lib/dns/resolv-conf.ts";
import { Upstream } from "../../../lib/dns/upstream.ts";
import { HasAsked, LookupJournal } from "./lookup-journal.ts";
import type { Opener } from "./openings.ts";
import { openPacketDoor, type PacketDoor } from "./packet-door.ts";
import { ResolverJobs } from "./resolver-jobs.ts";
import { openStreamDoor } from "./stream-door.ts";
import type { FromResolver, JournaledJob, ResolverData, ToResolver } from "./thread-messages.ts";

/** What one thread works with. */
interface Parts {
  data: ResolverData;
  jobs: ResolverJobs;
  journals: Map<string, LookupJournal>;
  /** Null before it listens. */
  door: PacketDoor | null;
  scope: AsyncDisposableStack;
}

/** Answers jobs for as long as the thread is wanted; ends it where that cannot be. */
export async function runResolver(data: ResolverData, opener: Opener & AsyncDisposable): Promise<void> {
  const servers = new HostServers(data.resolvConf, data.hostServersPort);
  const hostServers = () => servers.now();
  const jobs = new ResolverJobs({ upstream: new Upstream(), hostServers, opener, clock: systemClock });
  const parts: Parts = { data, jobs, journals: new Map(), door: null, scope: new AsyncDisposableStack() };
  parts.scope.use(opener);
  try {
    for (const [digest, rules] of data.rules) jobs.learnRules(digest, rules);
    for (const job of data.jobs) admit(job, parts);
    parentPort?.on("message", (message: ToResolver) => hearSafely(message, parts));
    tell({ kind: "listening", port: await listen(parts) });
  } catch (error) {
    tell({ kind: "failed", message: messageOf(error) });
    await parts.scope.disposeAsync();
    parentPort?.close();
  }
}

/** At the same port by packets and by streams. Of those that are free for the one, another program may have some for the other. */
async function listen(parts: Parts): Promise<number> {
  const {
    data: { address, port },
    jobs,
    scope,
  } = parts;
  const by = (way: "packet" | "stream") => (from: string, message: Buffer) => {
    hearAll(parts);
    return jobs.answer(from, message, way);
  };
  const knows = (from: string): boolean => {
    hearAll(parts);
    return jobs.knows(from);
  };
  for (;;) {
    await using doors = new AsyncDisposableStack();
    const door = doors.use(await openPacketDoor({ address, port, answer: by("packet"), onProblem }));
    try {
      doors.use(await openStreamDoor({ address, port: door.port, answer: by("stream"), knows, onProblem }));
      scope.use(doors.move());
      parts.door = door;
      return door.port;
    } catch (error) {
      if (port !== 0 || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
  }
}

/**
 * What was told before a job could ask is heard before the job is: whoever told it waits for no answer, and the question may
 * be seen first.
 */
function hearAll(parts: Parts): void {
  for (let next = toHear(); next; next = toHear()) hearSafely(next.message as ToResolver, parts);
}

function hearSafely(message: ToResolver, parts: Parts): void {
  try {
    hear(message, parts);
  } catch (error) {
    onProblem(error);
  }
}

const toHear = (): { message: unknown } | undefined =>
  parentPort ? receiveMessageOnPort(parentPort) : undefined;

/** At once, and in the order in which it was told: a job is not dismissed before it is admitted. */
function hear(message: ToResolver, parts: Parts): void {
  const { jobs } = parts;
  switch (message.kind) {
    case "rules":
      return jobs.learnRules(message.digest, message.rules);
    case "forget":
      return jobs.forgetRules(message.digest);
    case "admit":
      return admit(message.job, parts);
    case "flush":
    case "dismiss":
      return void settle(message, parts).catch(onProblem);
    case "all-shut":
      return jobs.forgetOpenings();
    case "close":
      return void close(parts).catch(onProblem);
    default:
      return message satisfies never;
  }
}

function admit(job: JournaledJob, { jobs, journals }: Parts): void {
  const before = journals.get(job.address);
  const asked = new HasAsked(job.asked);
  const isSame = before?.path === job.lookups;
  const journal = isSame ? before : new LookupJournal(job.lookups, { asked, onProblem });
  journals.set(job.address, journal);
  jobs.admit(job, journal);
}

const TURNS_OF_A_STREAM = 3;

/** Says so when all that the job has asked is in its file. */
async function settle(
  { kind, address }: { kind: "flush" | "dismiss"; address: string },
  { jobs, journals, door }: Parts,
): Promise<void> {
  // A connection is taken, read and answered in turns of the loop, between which packets are read too.
  if (kind === "flush") for (let turn = 0; turn < TURNS_OF_A_STREAM; turn += 1) await door?.heard();
  const journal = journals.get(address);
  if (kind === "dismiss") {
    jobs.dismiss(address);
    journals.delete(address);
  }
  await (kind === "dismiss" ? journal?.close() : journal?.written());
  tell({ kind: "done", what: kind, address });
}

async function close({ scope, journals }: Parts): Promise<void> {
  await scope.disposeAsync();
  await Promise.all([...journals.values()].map((journal) => journal.written()));
  tell({ kind: "closed" });
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
