import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { eachLimit } from "../../core/limits.ts";
import { sinceBootMs } from "../../lib/time/boot-moment.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import { onLoop } from "../../lib/on-loop.ts";
import { abortable } from "../../lib/signals.ts";
import { overlayOf } from "../../core/stages/surroundings.ts";
import { EngineError, type Launch } from "../engine.ts";
import { userOf } from "./bundle/id-range.ts";
import { baseEnv } from "./bundle/oci-config.ts";
import type { Program } from "./bundle/resolve-program.ts";
import type { EngineFolders } from "./host/data-folders.ts";
import type { JobGroups } from "./groups/job-groups.ts";
import { JobFolder } from "./jobs/job-folder.ts";
import { type JobFacts, writeFacts } from "./jobs/job-facts.ts";
import { offerSecrets } from "./jobs/secret-message.ts";
import { writeLaunch } from "./jobs/launch-file.ts";
import { OWN_PROCESSES } from "./host/runtime-kind.ts";
import type { Look } from "./host/sandbox-look.ts";
import { whyNone } from "./spawner/sandbox.ts";
import type { ProjectQuota } from "./disk/project-quota.ts";
import type { LeftFolder, Place } from "./spawner/place.ts";
import type { PlacePool } from "./spawner/place-pool.ts";
import type { Pools } from "./spawner/pools.ts";
import { KernelError } from "./networks/kernel-sets.ts";
import type { Networks } from "./networks/networks.ts";
import type { JobNames } from "./resolver/job-names.ts";
import { translateError } from "./jobs/translate-error.ts";
import { newWorkload, type Workload } from "./jobs/workload.ts";
import type { UntouchedFolders } from "./work/untouched-folders.ts";
import { furnish, type Furnishing, isQuick } from "./work/furnish.ts";
import type { Workshop } from "./workshop/workshop.ts";

export interface StartParts {
  pools: Pools;
  networks: Networks;
  names: JobNames;
  groups: JobGroups;
  folders: EngineFolders;
  untouched: UntouchedFolders;
  /** Of the file system; null where folders are measured. */
  quota: ProjectQuota | null;
  /** Files and folders that one job may have; null for any number. */
  mostFiles: number | null;
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
  workshop: Workshop;
  /** The folder that another workload has left for this one; null where it gets one of its own. */
  left: LeftFolder | null;
  signal: AbortSignal;
}

/** What has come to run, and what the kernel shows of the sandbox in which it does. */
export interface StartedJob {
  job: Workload;
  look: Look | null;
}

/** Turns a prepared place into this job and hands it over. Throws when nothing was or will be run. */
export async function startJob(launch: Launch, parts: StartParts): Promise<StartedJob> {
  const { pools, left, signal } = parts;
  signal.throwIfAborted();
  const pool = pools.for(launch);
  const place = left === null ? await pool.take(signal) : await pool.takeAround(left);
  let isSent = false;
  try {
    // Where no sandbox waits it is made while the job's files are written.
    place.warm();
    // The kernel takes it in meanwhile: without facts, where this server dies now, nobody knows the link, and it is let go of.
    const granted = grant(launch, { ...parts, place });
    granted.catch(() => undefined);
    const facts = await prepare(launch, { ...parts, place });
    const lower = overlayOf(launch.mounts)?.lower ?? null;
    const standing = abortable(within(STANDING_MS, place.attachment.standing), signal);
    const [stands] = await Promise.all([standing, granted]);
    if (!stands) throw failed(launch.id, whyNone(place.folder));
    const look = place.look();
    // What the runtime takes while it makes a sandbox is not the job's.
    limit(launch, { ...parts, place });
    if (launch.stored) await abortable(launch.stored, signal);
    using secrets = await offerSecrets(place.folder, launch.secrets);
    if (launch.openDoor !== undefined) await launch.openDoor(place.work);
    place.become(launch.id);
    // A folder with a bound of its own is not for others.
    const untouchedSince = left === null && facts.project === null ? parts.untouched.stamp(place.work) : null;
    crashPoint("local-named");
    signal.throwIfAborted();
    isSent = true;
    place.send(launch.id, { output: launch.output, secretBytes: secrets.bytes, lower });
    crashPoint("local-sent");
    const folder = new JobFolder(parts.folders, launch.id);
    const job = newWorkload(folder, { id: launch.id, facts, attachment: place.attachment, untouchedSince });
    const patienceMs = secrets.bytes > 0 || lower !== null ? WITH_ERRAND_MS : HAND_OVER_MS;
    const answer = await within(patienceMs, place.attachment.handedOver);
    if (answer === true) return { job, look };
    return await afterNoAnswer({ job, look }, { ...parts, pool, hasDied: answer === false });
  } catch (error) {
    if (place.network !== null) await within(DISMISSAL_MS, parts.names.dismiss(place.network));
    await pool.discard(place);
    if (signal.aborted && error === signal.reason) throw error;
    const told = translateError(error, `start job "${launch.id}"`, parts.folders);
    // Once it is sent, only who has looked can say that it has not begun; of anything else nobody knows.
    if (!isSent || told === error) throw told;
    throw new EngineError(told.message, { blame: "engine", retryable: false, cause: error });
  }
}

/** Throws as of a sandbox that ended where the groups are gone: its shim has taken them away, and nothing has run. */
function limit(launch: Launch, parts: StartParts & { place: Place }): void {
  const { groups, place } = parts;
  const tooSmall = smallMemory(launch);
  const held = tooSmall === null ? null : groups.memoryHeld(place.name);
  // Set all the same, the kernel would end the sandbox, and hold up this thread until it has.
  if (tooSmall !== null && held !== null && held >= tooSmall) throw withoutMemory(launch.id, tooSmall, held);
  try {
    setLimits(launch, parts);
  } catch (error) {
    if (groups.exists(place.name)) throw error;
    if (tooSmall !== null && held !== null) throw withoutMemory(launch.id, tooSmall, held);
    throw failed(launch.id, "its sandbox ended before the job came");
  }
}

/**
 * More than a sandbox that waits ever holds: 0.4 MiB were seen with two processors. Each of them may hold 64 pages in store
 * for a group, which count as its own.
 */
const SANDBOX_BYTES = 2 ** 20 + availableParallelism() * 64 * 4096;

/** A memory limit that the sandbox alone may reach; null where the job has more. */
function smallMemory({ limits: { memory } }: Launch): number | null {
  return memory !== null && memory.value < SANDBOX_BYTES ? memory.value : null;
}

function withoutMemory(id: string, limitBytes: number, peakBytes: number): EngineError {
  const why = `its memory limit of ${limitBytes} bytes is reached by its sandbox alone, which holds ${peakBytes}`;
  return new EngineError(`Cannot start job "${id}": ${why}`, {
    blame: "job",
    retryable: false,
    verdict: { kind: "oom", limitBytes, peakBytes, kills: 0 },
  });
}

/** So long a sandbox may take to be made: a minute was seen in a guest on a busy host. */
const STANDING_MS = 300_000;
/** So long the kernel and the resolver may take to be told of a job: a load of the largest table takes a minute at most. */
const GRANT_MS = 180_000;
/** A resolver that does not answer is told all the same, once it does: nobody has the address before that of what comes after. */
const DISMISSAL_MS = 2000;
/** So long a shim is given to hand the job over, which takes it a fraction of a millisecond. */
const HAND_OVER_MS = 5000;
/** With secrets or a tree it has a process of its own begun first, which may ask this one for something. */
const WITH_ERRAND_MS = 60_000;

/**
 * Its shim has died, or does not move: somebody has stopped it. Its sandbox ends before anything else is done, so that the
 * job can only have begun where that is noted; then it is followed to that end. Else the next sandbox may have it.
 */
async function afterNoAnswer(
  started: StartedJob,
  { groups, pool, hasDied }: Pick<StartParts, "groups"> & { pool: PlacePool; hasDied: boolean },
): Promise<StartedJob> {
  const { job } = started;
  pool.weed();
  if (await groups.kill(job.facts.group)) job.killed.resolve();
  if (!job.folder.hasStarted()) throw failed(job.id, hasDied ? "its shim died" : "its shim does not answer");
  return started;
}

/** null when it has not settled in time. */
function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | null> {
  const { promise: settled, resolve, reject } = Promise.withResolvers<Value | null>();
  const timer = setTimeout(() => resolve(null), ms);
  void promise.then(resolve, reject).finally(() => clearTimeout(timer));
  return settled;
}

function failed(id: string, why: string): EngineError {
  return new EngineError(`Cannot start job "${id}": ${why}`, { blame: "engine", retryable: true });
}

/** Everything that is written before the hand-over. */
async function prepare(launch: Launch, parts: StartParts & { place: Place }): Promise<JobFacts> {
  const { place } = parts;
  const { limits } = launch;
  checkWorkdir(launch);
  const diskBytes = limits.disk?.value ?? null;
  const { name: group, ids, left } = place;
  const project = left === null ? await projectFor(launch, parts) : left.project;
  const facts: JobFacts = {
    group,
    ids,
    ...(left !== null && { workOf: left.id }),
    ...networkOf(launch, place),
    ...(overlayOf(launch.mounts) !== null && { hasOverlay: true as const }),
    diskBytes,
    project,
    ownProcesses: OWN_PROCESSES,
    startedMs: sinceBootMs(),
  };
  if (facts.hasOverlay) await makeOverlayFolder(project, parts);
  const program = await furnishFor(launch, parts);
  if ("refusal" in program) {
    const { refusal, found } = program;
    throw new EngineError(refusal, { blame: "job", retryable: false, programFound: found });
  }
  writeFacts(place.folder, facts);
  onLoop("engine: write what a job is to run", () =>
    writeLaunch(place.folder, {
      program: program.path,
      argv: [launch.command, ...launch.args],
      env: { ...baseEnv, ...launch.env },
      workdir: launch.workdir,
      largestFile: diskBytes,
    }),
  );
  return facts;
}

function networkOf({ network }: Launch, place: Place): Pick<JobFacts, "network"> {
  if (network.kind === "none" || place.network === null) return {};
  const { name: profile, digest, observe } = network;
  return { network: { ...place.network, profile, digest, observe } };
}

/**
 * Resolves when the kernel has said that the place reaches what the job was granted, and it is told of names. Until then it
 * reaches nothing.
 */
async function grant(
  { id, network }: Launch,
  parts: Pick<StartParts, "networks" | "names" | "folders" | "signal"> & { place: Place },
): Promise<void> {
  const { networks, names, folders, signal, place } = parts;
  if (network.kind === "none") return;
  if (place.network === null) throw failed(id, "its place has no network");
  const { lookups } = new JobFolder(folders, id);
  const named = names.admit({ network: place.network, granted: network, lookups });
  const granted = Promise.all([networks.grant(place.network.name, network), named]);
  const told = await abortable(within(GRANT_MS, granted), signal).catch((error: unknown) => {
    throw error instanceof KernelError ? failed(id, error.message) : error;
  });
  if (told === null) throw failed(id, "what it may reach could not be set up in time");
  crashPoint("net-granted");
}

function setLimits({ limits }: Launch, { groups, place }: StartParts & { place: Place }): void {
  const values = eachLimit(({ limit }) => limits[limit]?.value ?? null);
  const pids = values.pids === null ? null : values.pids + OWN_PROCESSES;
  groups.setLimits(place.name, { ...values, pids });
}

async function projectFor({ limits }: Launch, parts: StartParts & { place: Place }): Promise<number | null> {
  return limits.disk === null
    ? null
    : await boundFolder(parts.place.work, { ...parts, bytes: limits.disk.value });
}

/** What the kernel puts there it moves into the job's folder: both are one project, or neither is in any. */
async function makeOverlayFolder(
  project: number | null,
  { place, quota }: StartParts & { place: Place },
): Promise<void> {
  mkdirSync(place.overlay, { mode: 0o700 });
  if (project === null) return;
  const why = quota === null ? "nobody holds quotas" : await quota.join(place.overlay, project);
  if (why !== null) throw failed(place.name, `what its tree needs could not be bound by its quota: ${why}`);
}

/** The quota's project, for a folder that has nothing in it yet; null where there is none: then it is measured. */
async function boundFolder(
  folder: string,
  { quota, mostFiles, bytes, onNotice }: StartParts & { bytes: number },
): Promise<number | null> {
  if (!quota) return null;
  const given = await quota.give(folder, { bytes, files: mostFiles });
  if (given === null) return null;
  if ("project" in given) return given.project;
  onNotice("a job's folder could not be given a quota, it is measured instead", { why: given.why });
  return null;
}

/** A few small files are written quicker here than through any thread; more would hold up everybody else. */
async function furnishFor(
  launch: Launch,
  { place, workshop, signal }: StartParts & { place: Place },
): Promise<Program> {
  const furnishing: Furnishing = {
    work: place.work,
    lower: overlayOf(launch.mounts)?.lower ?? null,
    owner: userOf(place.ids),
    files: launch.files,
    workdir: launch.workdir,
    command: launch.command,
    path: launch.env["PATH"] ?? baseEnv["PATH"] ?? "",
    isLeft: place.left !== null,
    stdin: { path: join(place.folder, "stdin"), content: launch.stdin },
  };
  return isQuick(furnishing)
    ? await furnish(furnishing)
    : await workshop.do({ kind: "furnish", furnishing }, { who: launch.turnOf, signal });
}

/** Folders that a job can stand in. Below /proc it could stand in a folder of the runtime's. */
const STANDABLE = new Set(["", "work", "tmp", "usr", "var", "home", "etc", "run", "bin", "lib"]);

function checkWorkdir({ workdir }: Launch): void {
  const [, top = "", ...rest] = workdir.split("/");
  if (STANDABLE.has(top) && !rest.includes("..") && workdir.startsWith("/")) return;
  throw new EngineError(`The working directory "${workdir}" is not one that a job can have`, {
    blame: "job",
    retryable: false,
  });
}
