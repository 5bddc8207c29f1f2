import { release } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { ArchiveFormat, Capabilities, Check } from "@berth/protocol";
import type { Contacts } from "../../core/network/contact.ts";
import { plainSurroundings } from "../../core/stages/surroundings.ts";
import { abortable, joinSignals } from "../../lib/signals.ts";
import {
  type Collected,
  type CollectRequest,
  demandPossible,
  type Engine,
  EngineError,
  type EngineUsage,
  type Exit,
  type Launch,
  type Plan,
  type PlannedLaunch,
  type Recovered,
  type SourceTransport,
  type Standby,
  type Started,
} from "../engine.ts";
import { readHardLimits } from "./host/hard-limits.ts";
import { ProbeJob } from "./bundle/probe-job.ts";
import { type Look, readBack } from "./host/sandbox-look.ts";
import { IdRanges } from "./bundle/id-range.ts";
import { type EngineFolders, leaveRunFolder, makeDataFolders } from "./host/data-folders.ts";
import { HostMemory } from "./host/host-memory.ts";
import { findLayout } from "./groups/layout.ts";
import { JobGroups } from "./groups/job-groups.ts";
import { lockGroups } from "./groups/lock-groups.ts";
import { handleFor, idOf } from "./jobs/handle.ts";
import { devicesOfJobs } from "./host/block-devices.ts";
import { lackedFor } from "./host/archive-tools.ts";
import { checkOverlay, tryOverlay } from "./bundle/try-overlay.ts";
import { checkHost } from "./host/check-host.ts";
import { capabilitiesOf, type HostFacts } from "./host/host-facts.ts";
import { nativeProgram } from "./host/native-program.ts";
import { type ChosenMaker, makerNow, sandboxMakerOf } from "./host/sandbox-maker.ts";
import { probeCommand, runCommand, type RuntimeKind, runtimeKindOf } from "./host/runtime-kind.ts";
import { type LocalEngineOptions, type Settings, withDefaults } from "./local-engine-options.ts";
import { createNetworks, type Networks } from "./networks/networks.ts";
import { JobNames } from "./resolver/job-names.ts";
import { LocalJobs } from "./jobs/local-jobs.ts";
import { PortWays } from "./jobs/port-ways.ts";
import { itemsOf, planLaunch, withDiskBound, withLink } from "./plan.ts";
import { type LeftFolder, leftPrefixes, placePrefix } from "./spawner/place.ts";
import { Pools } from "./spawner/pools.ts";
import { Spawner } from "./spawner/spawner.ts";
import { measureStandby } from "./spawner/standby.ts";
import { startJob, type StartParts } from "./start-job.ts";
import { stopJob } from "./stop.ts";
import { sweepLeftovers, takeUpNames } from "./sweep.ts";
import { openProjectQuota } from "./disk/project-quota.ts";
import { mostFilesOn } from "./disk/most-files.ts";
import { UntouchedFolders } from "./work/untouched-folders.ts";
import { keepTree } from "./work/keep-tree.ts";
import { readFileBeneath } from "./work/read-file.ts";
import type { Workload } from "./jobs/workload.ts";
import { Workshop } from "./workshop/workshop.ts";

/** Opens the engine that runs jobs on this host. It opens also where none can run: `check` then says what is missing. */
export async function createLocalEngine(options: LocalEngineOptions): Promise<Engine> {
  const settings = withDefaults(options);
  const kind = runtimeKindOf(settings.runtime);
  await using scope = new AsyncDisposableStack();
  scope.use(lockGroups(settings.cgroupName, settings));
  const folders = makeDataFolders(settings.dataDir, nativeProgram());
  const memory = new HostMemory({ run: folders.run, engine: join(settings.dataDir, "engine") });
  scope.defer(() => leaveRunFolder(folders, memory));
  const layout = findLayout(settings.cgroupName);
  const host: HostFacts = {
    layout,
    devices: devicesOfJobs(settings.dataDir),
    noOverlay: await tryOverlay(folders.overlays),
    hardLimits: readHardLimits(),
    release: release(),
  };
  const groups = new JobGroups(layout, { ...settings, devices: host.devices });
  if (settings.ownsGroups) scope.defer(() => groups.leave());
  const prefix = placePrefix(settings.dataDir);
  const ranges = new IdRanges(settings.dataDir);
  const networks = scope.use(await createNetworks(settings));
  const names = scope.use(new JobNames({ ...settings, networks }));
  const { spawner, probe } = newSpawner(settings, { folders, kind, host, groups, ranges, networks });
  scope.use(spawner);
  const untouched = scope.use(new UntouchedFolders(folders.untouched));
  const workshop = scope.use(new Workshop());
  const quota = scope.use(openProjectQuota(folders.work, settings));
  const mostFiles = mostFilesOn(folders.work);
  const watched = { ...settings, folders, groups, quota, mostFiles, networks, names };
  const jobs = scope.use(new LocalJobs({ ...watched, ranges, spawner, untouched, memory }));
  networks.onLost(() => jobs.endNetworked());
  const ways = scope.use(new PortWays());
  const chosen = sandboxMakerOf(settings, { kind });
  const maker = (): ChosenMaker => makerNow(chosen, { hasFilter: probe.filter() !== null });
  const shared = { folders, spawner, groups, ranges, untouched, networks };
  const places = { ...shared, kind, host, probe, maker, prefix };
  const pools = scope.use(new Pools({ ...settings, ...places }));
  const obstacle = prepareHost(groups, settings);
  if (obstacle === null) {
    spawner.open();
    const prefixes = leftPrefixes(settings.dataDir);
    await sweepLeftovers(jobs, { ...settings, folders, prefixes, groups, ranges, networks });
    await takeUpNames(jobs, { ...settings, networks, names });
    pools.open();
  }
  const start = {
    ...settings,
    pools,
    networks,
    names,
    groups,
    folders,
    untouched,
    quota,
    mostFiles,
    workshop,
  };
  const parts = { settings, host, kind, maker, groups, jobs, ways, start, obstacle, memory };
  return new LocalEngine({ ...parts, scope: scope.move() });
}

/** The spawner, and what it finds out before the first job. */
function newSpawner(
  settings: Settings,
  parts: {
    folders: EngineFolders;
    kind: RuntimeKind;
    host: HostFacts;
    groups: JobGroups;
    ranges: IdRanges;
    networks: Networks;
  },
): { spawner: Spawner; probe: ProbeJob } {
  const { folders, kind, host, groups, ranges, networks } = parts;
  const { joinsUsers } = kind;
  const probeIds = ranges.take();
  const { hardLimits } = host;
  const probe = new ProbeJob(folders.run, { ids: probeIds, joinsUsers, hardLimits });
  const commands = { run: runCommand(kind), probe: probeCommand(kind) };
  const groupFolders = groups.folders;
  const users = { joinsUsers, probeIds };
  const nameserver = networks.gateway4 ?? "";
  const spawner = new Spawner({ ...settings, ...commands, ...users, folders, groupFolders, nameserver });
  spawner.onRestart(() => probe.forget());
  return { spawner, probe };
}

/** Why no job can run on this host; null when nothing is in the way. */
function prepareHost(groups: JobGroups, { hostCap, onNotice }: Settings): string | null {
  try {
    groups.prepare(hostCap);
    return null;
  } catch (error) {
    const obstacle = (error as Error).message;
    onNotice("no job can run on this host", { obstacle });
    return obstacle;
  }
}

interface Parts {
  settings: Settings;
  host: HostFacts;
  kind: RuntimeKind;
  maker: () => ChosenMaker;
  groups: JobGroups;
  jobs: LocalJobs;
  ways: PortWays;
  start: Omit<StartParts, "signal" | "left">;
  /** Why no job can run here; null when nothing is in the way. */
  obstacle: string | null;
  memory: HostMemory;
  scope: AsyncDisposableStack;
}

class LocalEngine implements Engine {
  readonly name = "local";
  readonly capabilities: Capabilities;
  readonly maxJobs: number;
  readonly #parts: Parts;
  readonly #closing = new AbortController();
  /** What the kernel has shown of the sandbox of the last job; null before the first. */
  #look: Look | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.capabilities = capabilitiesOf(parts.host, parts.start.names);
    this.maxJobs = parts.settings.maxJobs;
  }

  handleFor(id: string): string {
    return handleFor(id);
  }

  async check(): Promise<Check[]> {
    const { settings, host, groups, kind, maker, start } = this.#parts;
    const planned = itemsOf(plainSurroundings);
    const shown = { maker: maker(), standby: this.standby(), planned, look: this.#look };
    const found = await checkHost({ ...settings, host, groups, kind, ...shown });
    return [...found, checkOverlay(host.noOverlay), ...(await start.networks.check())];
  }

  standby(): Standby {
    const { start, groups } = this.#parts;
    return measureStandby(start.pools.warm, groups);
  }

  lackedFor(what: ArchiveFormat | SourceTransport): readonly string[] {
    return lackedFor(what);
  }

  plan(asked: PlannedLaunch): Plan {
    const { host, start } = this.#parts;
    return planLaunch(asked, { host, capabilities: this.capabilities, lack: start.networks.lack });
  }

  async start(launch: Launch, signal: AbortSignal): Promise<Started> {
    idOf(launch.handle);
    const { obstacle } = this.#parts;
    if (obstacle !== null) {
      const message = `Cannot start job "${launch.id}": ${obstacle}`;
      throw new EngineError(message, { blame: "engine", retryable: false });
    }
    const { isolation, impossible } = this.plan(launch);
    demandPossible(launch, impossible);
    const { job, look } = await startJob(launch, {
      ...this.#parts.start,
      signal,
      left: this.#leftFor(launch),
    });
    this.#look = look;
    this.#parts.jobs.add(job);
    const seen = withLink(readBack(isolation, look), job.facts.network);
    return { isolation: withDiskBound(seen, job.facts.project === null ? "measured" : "quota") };
  }

  /** The folder that another workload has left for this one; null where it gets one of its own. */
  #leftFor({ work }: Launch): LeftFolder | null {
    if (work.kind === "own") return null;
    const { id, facts } = this.#jobOf(work.handle);
    return { id: facts.workOf ?? id, ids: facts.ids, project: facts.project };
  }

  recover(handle: string): Promise<Recovered> {
    return this.#parts.jobs.recover(idOf(handle));
  }

  async remember(): Promise<void> {
    this.#parts.memory.remember();
  }

  async wait(handle: string, signal: AbortSignal): Promise<Exit> {
    using joined = joinSignals(signal, this.#closing.signal);
    return await abortable(this.#parts.jobs.end(this.#jobOf(handle)), joined.signal);
  }

  async stop(handle: string, { graceMs }: { graceMs: number }): Promise<{ forced: boolean }> {
    const { jobs, groups } = this.#parts;
    const job = jobs.find(idOf(handle));
    if (!job) return { forced: false };
    return await stopJob(job, { graceMs, groups, ended: () => jobs.end(job) });
  }

  async contacts(handle: string): Promise<Contacts | null> {
    const { jobs } = this.#parts;
    const job = jobs.find(idOf(handle));
    return job && (await jobs.contacts(job));
  }

  async connect(handle: string, port: number, signal: AbortSignal): Promise<Duplex> {
    using joined = joinSignals(signal, this.#closing.signal);
    return await this.#parts.ways.connect(this.#jobOf(handle), port, joined.signal);
  }

  async stats(handle: string): Promise<EngineUsage | null> {
    const job = this.#parts.jobs.find(idOf(handle));
    return job && this.#parts.jobs.usage(job);
  }

  collect(handle: string, request: CollectRequest): Promise<Collected> {
    const { work } = this.#jobOf(handle);
    return this.#parts.start.workshop.do({ kind: "collect", work, request }, { who: request.turnOf });
  }

  readFile(handle: string, path: string, maxBytes: number): Promise<Uint8Array | null> {
    return readFileBeneath(this.#jobOf(handle).work, { path, maxBytes });
  }

  keepTree(handle: string, into: string): Promise<number> {
    return keepTree(this.#jobOf(handle).work, into);
  }

  destroy(handle: string): Promise<void> {
    return this.#parts.jobs.remove(idOf(handle));
  }

  async list(): Promise<{ id: string; handle: string }[]> {
    const { jobs } = this.#parts;
    const found = jobs.ids().map((id) => ({ id, borrows: jobs.folder(id).facts()?.workOf !== undefined }));
    // Those that have another's folder as /work first: that one goes last.
    const sorted = found.toSorted((one, other) => Number(other.borrows) - Number(one.borrows));
    return sorted.map(({ id }) => ({ id, handle: handleFor(id) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(
      new EngineError("Cannot go on: the engine is closed", { blame: "engine", retryable: true }),
    );
    await this.#parts.scope[Symbol.asyncDispose]();
  }

  #jobOf(handle: string): Workload {
    const id = idOf(handle);
    const job = this.#parts.jobs.find(id);
    if (job) return job;
    throw new EngineError(`Cannot find job "${id}": nothing of it is on this host`, {
      blame: "engine",
      retryable: false,
    });
  }
}
