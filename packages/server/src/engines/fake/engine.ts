import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { networkAbility, ofEveryLimit, type Capabilities, type Check } from "@berth/protocol";
import type { Contacts } from "../../core/network/contact.ts";
import { overlayOf } from "../../core/stages/surroundings.ts";
import { sleep, systemClock, type Clock } from "../../lib/clock.ts";
import { isId } from "../../lib/ids.ts";
import { abortable } from "../../lib/signals.ts";
import {
  cannotConnect,
  demandPossible,
  EngineError,
  type Collected,
  type CollectRequest,
  type Engine,
  type EngineUsage,
  type Exit,
  type Launch,
  type Plan,
  type PlannedLaunch,
  type Recovered,
  type Started,
  type Standby,
} from "../engine.ts";
import { engineFault, failOnPurpose, scriptToStart } from "./check-start.ts";
import { collectFrom, copyPlain, readBeneath } from "./collect.ts";
import { FakeJob } from "./fake-job.ts";
import { lostExit } from "./fate.ts";
import { JobFolder } from "./job-folder.ts";
import { foundAtStart } from "./left-in-folder.ts";
import { planLaunch } from "./plan.ts";
import type { Script } from "./script.ts";
import { ageOfStart, recordedScript, recordOf, type StartRecord } from "./start-record.ts";

export interface FakeEngineOptions {
  /** The folder of its state, one folder per job; made when it is not there. */
  root: string;
  /** Default: the system's. */
  clock?: Clock;
  /** Jobs that may run at once. Default 1. */
  maxJobs?: number;
  /** What it claims to be able to do; what is left out it can. */
  capabilities?: Partial<Capabilities>;
}

const handlePrefix = "fake:1:";

const everything: Capabilities = {
  splitStreams: true,
  ...ofEveryLimit(true),
  roots: ["host-toolchain"],
  mounts: false,
  overlays: true,
  networkProfiles: networkAbility.options,
  secrets: true,
  sources: false,
  connect: false,
};

export async function createFakeEngine(options: FakeEngineOptions): Promise<FakeEngine> {
  return new FakeEngine(options);
}

/** An engine that plays jobs instead of running them: each is its own script, see README.md beside this file. */
export class FakeEngine implements Engine {
  readonly name = "fake";
  readonly capabilities: Capabilities;
  readonly maxJobs: number;
  readonly #root: string;
  readonly #clock: Clock;
  /** Tells the jobs that this object started from those that it found. */
  readonly #incarnation = randomUUID();
  readonly #jobs = new Map<string, FakeJob>();

  constructor({ root, clock = systemClock, maxJobs = 1, capabilities = {} }: FakeEngineOptions) {
    this.maxJobs = maxJobs;
    this.capabilities = { ...everything, ...capabilities };
    this.#clock = clock;
    this.#root = root;
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
  }

  async check(): Promise<Check[]> {
    const detail = "The fake engine plays jobs and executes nothing";
    return [{ name: "engine", status: "warning", detail, fix: "Set BERTH_ENGINE to local to run real jobs" }];
  }

  standby(): Standby {
    return { sandboxes: 0, bytes: null };
  }

  handleFor(id: string): string {
    return handlePrefix + id;
  }

  /** There is nothing to unpack with, and nothing that is unpacked. */
  lackedFor(): readonly string[] {
    return [];
  }

  plan(asked: PlannedLaunch): Plan {
    return planLaunch(asked, this.capabilities);
  }

  async start(launch: Launch, signal: AbortSignal): Promise<Started> {
    signal.throwIfAborted();
    const { isolation, impossible } = this.plan(launch);
    demandPossible(launch, impossible);
    const folder = this.#folderOf(launch.handle);
    if (folder.readStart())
      throw engineFault(launch.id, { state: "it was started before", retryable: false });
    const from = launch.work.kind === "left-by" ? this.#folderOf(launch.work.handle).work : null;
    const lower = overlayOf(launch.mounts)?.lower ?? null;
    const left = foundAtStart({ left: from, lower });
    const script = scriptToStart(launch, left);
    if (launch.stored) await abortable(launch.stored, signal);
    if (script.start.takesMs > 0) await sleep(script.start.takesMs, { signal, clock: this.#clock });
    failOnPurpose(launch.id, { script, folder });
    folder.prepare({ ...launch, from });
    const record = recordOf(launch, {
      left,
      startedAt: this.#clock.now(),
      startedSinceBoot: this.#clock.sinceBoot(),
      startedBy: this.#incarnation,
    });
    folder.writeStart(record);
    this.#attach(launch.handle, { folder, record, script });
    return { isolation };
  }

  async recover(handle: string): Promise<Recovered> {
    const job = this.#find(handle);
    if (!job) return { kind: "never-started" };
    const isForeign = job.record.startedBy !== this.#incarnation;
    if (isForeign && recordedScript(job.record).lostOnRestart && !job.isOver) job.vanish();
    const verdict = job.end?.exit.verdict;
    const { startedAt } = job.record;
    return verdict?.kind === "lost"
      ? { kind: "lost", startedAt, why: verdict.reason }
      : { kind: "found", startedAt, ageMs: ageOfStart(job.record, this.#clock), ended: job.isOver };
  }

  /** Its jobs lie on the disk: they outlast the host. */
  async remember(): Promise<void> {}

  async wait(handle: string, signal: AbortSignal): Promise<Exit> {
    signal.throwIfAborted();
    const job = this.#find(handle);
    return job ? (await abortable(job.ended, signal)).exit : lostExit("nothing is known of it");
  }

  async stop(handle: string, { graceMs }: { graceMs: number }): Promise<{ forced: boolean }> {
    return (await this.#find(handle)?.stop(graceMs)) ?? { forced: false };
  }

  async contacts(handle: string): Promise<Contacts | null> {
    return this.#find(handle)?.contacts() ?? null;
  }

  /** Nothing listens in a job that is played. */
  async connect(handle: string): Promise<never> {
    throw cannotConnect(handle.slice(handlePrefix.length));
  }

  async stats(handle: string): Promise<EngineUsage | null> {
    const job = this.#find(handle);
    return job && !job.end ? job.usage() : null;
  }

  async collect(handle: string, request: CollectRequest): Promise<Collected> {
    const { work } = this.#folderOf(handle);
    return existsSync(work) ? collectFrom(work, request) : { artifacts: [], heldBytes: 0, skipped: [] };
  }

  async readFile(handle: string, path: string, maxBytes: number): Promise<Uint8Array | null> {
    return readBeneath(this.#folderOf(handle).work, { path, maxBytes });
  }

  async keepTree(handle: string, into: string): Promise<number> {
    return copyPlain(this.#folderOf(handle).work, into);
  }

  async destroy(handle: string): Promise<void> {
    const job = this.#jobs.get(handle);
    await job?.destroy();
    if (this.#jobs.get(handle) === job) this.#jobs.delete(handle);
    this.#folderOf(handle).remove();
  }

  async list(): Promise<{ id: string; handle: string }[]> {
    const ids = readdirSync(this.#root).filter(isId);
    return ids.map((id) => ({ id, handle: this.handleFor(id) }));
  }

  /** Lets the workload of a running job disappear, as if its host had died. */
  vanish(handle: string): void {
    this.#find(handle)?.vanish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#jobs.values()].map((job) => job.detach()));
  }

  #folderOf(handle: string): JobFolder {
    const id = handle.slice(handlePrefix.length);
    if (handle.startsWith(handlePrefix) && isId(id)) return new JobFolder(join(this.#root, id));
    const message = `Cannot use handle "${handle}": the fake engine did not make it`;
    throw new EngineError(message, { blame: "engine", retryable: false });
  }

  /** The job of a handle, looked up on disk when another server started it; null when there is none. */
  #find(handle: string): FakeJob | null {
    const known = this.#jobs.get(handle);
    if (known) return known;
    const folder = this.#folderOf(handle);
    const record = folder.readStart();
    return record && this.#attach(handle, { folder, record, script: recordedScript(record) });
  }

  #attach(handle: string, parts: { folder: JobFolder; record: StartRecord; script: Script }): FakeJob {
    const job = new FakeJob({ ...parts, clock: this.#clock });
    this.#jobs.set(handle, job);
    return job;
  }
}
