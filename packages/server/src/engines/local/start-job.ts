import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sinceBootMs } from "../../lib/clock.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import { onLoop } from "../../lib/on-loop.ts";
import { EngineError, type Launch } from "../engine.ts";
import type { ProbeJob } from "./bundle/probe-job.ts";
import { userOf } from "./bundle/id-range.ts";
import { baseEnv, ociConfig } from "./bundle/oci-config.ts";
import type { InitKind } from "./bundle/init-command.ts";
import type { Program } from "./bundle/resolve-program.ts";
import type { EngineFolders } from "./data-folders.ts";
import type { JobGroups } from "./groups/job-groups.ts";
import type { HardLimits } from "./host/hard-limits.ts";
import type { RuntimeKind } from "./host/runtime-kind.ts";
import { JobFolder, type JobFacts } from "./jobs/job-folder.ts";
import type { ProjectQuota } from "./host/project-quota.ts";
import type { Slot } from "./spawner/slot.ts";
import type { SlotPool } from "./spawner/slot-pool.ts";
import { translateError } from "./translate-error.ts";
import { newWorkload, type Workload } from "./jobs/workload.ts";
import type { UntouchedFolders } from "./work/untouched-folders.ts";
import { furnish, type Furnishing, isQuick } from "./work/furnish.ts";
import type { Workshop } from "./workshop/workshop.ts";

export interface StartParts {
  pool: SlotPool;
  groups: JobGroups;
  kind: RuntimeKind;
  folders: EngineFolders;
  cgroupName: string;
  init: InitKind;
  hardLimits: HardLimits;
  probe: ProbeJob;
  untouched: UntouchedFolders;
  /** Of the file system; null where folders are measured. */
  quota: ProjectQuota | null;
  /** Files and folders that one job may have; null for any number. */
  mostFiles: number | null;
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
  workshop: Workshop;
  signal: AbortSignal;
}

/** Processes of a capped output: two pumps with their shells, and the shell around them. */
const PUMP_PROCESSES = 7;

/** Turns a prepared place into this job and hands it over. Throws when nothing was or will be run. */
export async function startJob(launch: Launch, parts: StartParts): Promise<Workload> {
  const { pool, signal } = parts;
  signal.throwIfAborted();
  const slot = await pool.take(signal);
  try {
    const facts = await prepare(launch, { ...parts, slot });
    slot.become(launch.id);
    // A folder with a bound of its own is not for others.
    const untouchedSince = facts.project === null ? parts.untouched.stamp(slot.work) : null;
    crashPoint("local-named");
    signal.throwIfAborted();
    send(launch, slot);
    crashPoint("local-sent");
    if (!(await slot.attachment.handedOver)) {
      throw new EngineError(`Cannot start job "${launch.id}": its shim died`, {
        blame: "engine",
        retryable: true,
      });
    }
    const folder = new JobFolder(parts.folders, launch.id);
    return newWorkload(folder, { id: launch.id, facts, attachment: slot.attachment, untouchedSince });
  } catch (error) {
    await pool.discard(slot);
    if (signal.aborted && error === signal.reason) throw error;
    throw translateError(error, `start job "${launch.id}"`, parts.folders);
  }
}

/** Everything that is written before the hand-over. */
async function prepare(launch: Launch, parts: StartParts & { slot: Slot }): Promise<JobFacts> {
  const { slot, groups, kind } = parts;
  const { limits } = launch;
  const ownProcesses = kind.ownProcesses + (limits.overflow === "discard" ? PUMP_PROCESSES : 0);
  checkWorkdir(launch);
  const diskBytes = limits.disk?.value ?? null;
  const project = diskBytes === null ? null : await boundFolder(slot.work, { ...parts, bytes: diskBytes });
  const { name: group, ids } = slot;
  const facts: JobFacts = { group, ids, diskBytes, project, ownProcesses, startedMs: sinceBootMs() };
  const program = await furnishFor(launch, parts);
  if ("refusal" in program) {
    const { refusal, found } = program;
    throw new EngineError(refusal, { blame: "job", retryable: false, programFound: found });
  }
  onLoop("engine: write a job's configuration", () =>
    writeFileSync(
      join(slot.folder, "config.json"),
      config(launch, { ...parts, facts, program: program.path }),
      { mode: 0o600 },
    ),
  );
  groups.setLimits(slot.name, {
    cpu: limits.cpu?.value ?? null,
    memory: limits.memory?.value ?? null,
    memoryHigh: limits.memoryHigh?.value ?? null,
    pids: limits.pids === null ? null : limits.pids.value + ownProcesses,
    ioRead: limits.ioRead?.value ?? null,
    ioWrite: limits.ioWrite?.value ?? null,
  });
  return facts;
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
async function furnishFor(launch: Launch, { slot, workshop }: StartParts & { slot: Slot }): Promise<Program> {
  const furnishing: Furnishing = {
    work: slot.work,
    owner: userOf(slot.ids),
    files: launch.files,
    workdir: launch.workdir,
    command: launch.command,
    path: launch.env["PATH"] ?? baseEnv["PATH"] ?? "",
    stdin: { path: join(slot.folder, "stdin"), content: launch.stdin },
  };
  return isQuick(furnishing) ? await furnish(furnishing) : await workshop.do({ kind: "furnish", furnishing });
}

function config(
  launch: Launch,
  {
    facts,
    kind,
    cgroupName,
    init,
    hardLimits,
    program,
    probe,
  }: StartParts & { facts: JobFacts; program: string },
): string {
  return ociConfig({
    id: launch.id,
    ...facts,
    init: init.start({
      path: program,
      argv: [launch.command, ...launch.args],
      env: { ...baseEnv, ...launch.env },
    }),
    workdir: launch.workdir,
    joinsUsers: kind.joinsUsers,
    hardLimits,
    filter: probe.filter(),
    cgroupsPath: kind.leavesGroups ? null : `/${cgroupName}/jobs/${facts.group}/c`,
  });
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

function send({ id, output, limits }: Launch, slot: Slot): void {
  const capBytes =
    limits.overflow === "discard" && limits.outputBytes.value > 0 ? limits.outputBytes.value : null;
  slot.send({ id, ...output, capBytes });
}
