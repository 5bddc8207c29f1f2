import { EngineError, type EngineUsage, type OutputEnd } from "../engine.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Contacts } from "../../core/network/contact.ts";
import { doDeed } from "./do-deed.ts";
import {
  contactsOf,
  exitOf,
  fateOf,
  lostExit,
  outputEndOf,
  usageOf,
  type Fate,
  type StopTimes,
} from "./fate.ts";
import type { EndRecord, JobFolder } from "./job-folder.ts";
import { OutputWriter } from "./output-writer.ts";
import type { Outcome, Script } from "./script.ts";
import { ageOfStart, type StartRecord } from "./start-record.ts";

export interface FakeJobParts {
  folder: JobFolder;
  record: StartRecord;
  script: Script;
  clock: Clock;
}

/**
 * One job on its way along the timeline that its script, its start and a stop draw. What is due by now follows
 * from the files alone, so it does not matter which server looks, nor how long nobody did.
 */
export class FakeJob {
  /** Rejects when the engine is closed first. */
  readonly ended: Promise<EndRecord>;
  readonly #parts: FakeJobParts;
  readonly #settle = Promise.withResolvers<EndRecord>();
  /** How long it had run when this server began to look, and when that was. */
  readonly #attached: { elapsedMs: number; at: number };
  #doneMoments = 0;
  #stop: StopTimes | null;
  #end: EndRecord | null;
  #busy: Promise<void> | null = null;
  #again = false;
  #closed = false;
  #output: OutputWriter | null = null;
  #cancelTimer: () => void = () => {};

  constructor(parts: FakeJobParts) {
    const { clock, folder, record } = parts;
    this.#parts = parts;
    this.#attached = { elapsedMs: Math.max(ageOfStart(record, clock), 0), at: clock.monotonic() };
    this.ended = this.#settle.promise;
    // Nobody may be waiting when the engine is closed.
    this.ended.catch(() => {});
    this.#stop = folder.readStop();
    this.#end = folder.readEnd();
    if (this.#end) this.#settle.resolve(this.#end);
    else this.#wake();
  }

  get end(): EndRecord | null {
    return this.#end;
  }

  get record(): StartRecord {
    return this.#parts.record;
  }

  /** True when it would have ended by now, also when that was not noted yet. */
  get isOver(): boolean {
    const fate = fateOf(this.#parts.script, { stop: this.#stop, isBusy: false });
    return this.#end !== null || (fate !== null && fate.atMs <= this.#elapsedMs());
  }

  usage(): EngineUsage {
    return this.#end?.exit.usage ?? usageOf(this.#parts.script, this.#elapsedMs());
  }

  /** What it has reached and was refused until now; null where it has no network. */
  contacts(): Contacts | null {
    const { script, record } = this.#parts;
    if (record.launch.network.kind === "none") return null;
    const { startedAt } = record;
    return contactsOf(script, { startedAt, elapsedMs: this.#elapsedMs(), network: record.launch.network });
  }

  /** Asks for the end; a second call can only shorten the patience. */
  async stop(graceMs: number): Promise<{ forced: boolean }> {
    if (this.#end) return { forced: false };
    const now = this.#elapsedMs();
    const killAtMs = Math.min(now + graceMs, this.#stop?.killAtMs ?? Number.POSITIVE_INFINITY);
    this.#stop = { termAtMs: this.#stop?.termAtMs ?? now, killAtMs };
    this.#parts.folder.writeStop(this.#stop);
    this.#wake();
    const { forced } = await this.ended;
    return { forced };
  }

  /** The workload is gone and nobody saw how. */
  vanish(): void {
    this.#finish({ kind: "vanished" }, { atMs: this.#elapsedMs(), forced: false });
  }

  /** Leaves the job as it is, for the next server. */
  async detach(): Promise<void> {
    await this.#close();
    this.#settle.reject(
      new EngineError("Cannot wait for the job: the engine is closed", { blame: "engine", retryable: true }),
    );
  }

  async destroy(): Promise<void> {
    await this.#close();
    this.#parts.folder.remove();
    this.#settle.resolve({ exit: lostExit("it was destroyed"), forced: true });
  }

  async #close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer();
    await this.#busy;
    this.#output?.[Symbol.dispose]();
  }

  #elapsedMs(): number {
    return this.#attached.elapsedMs + (this.#parts.clock.monotonic() - this.#attached.at);
  }

  #fate(): Fate | null {
    const isBusy = this.#doneMoments < this.#parts.script.moments.length;
    return fateOf(this.#parts.script, { stop: this.#stop, isBusy });
  }

  /** Does what is due. One round at a time; a call during a round makes it look again. */
  #wake(): void {
    this.#cancelTimer();
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = this.#advance()
      .catch((error: unknown) => this.#break(error))
      .finally(() => {
        this.#busy = null;
        if (this.#again) {
          this.#again = false;
          this.#wake();
        }
      });
  }

  async #advance(): Promise<void> {
    while (!this.#closed && !this.#end) {
      const elapsedMs = this.#elapsedMs();
      const fate = this.#fate();
      const moment = this.#parts.script.moments[this.#doneMoments];
      if (moment && moment.atMs <= Math.min(elapsedMs, fate?.atMs ?? elapsedMs)) {
        const begun = { atMs: elapsedMs, stop: this.#stop };
        const isCanceled = (): boolean => this.#closed || this.#isCutShort(begun);
        const { folder, record } = this.#parts;
        await doDeed(moment, { folder, record, output: this.#writer(), isCanceled });
        if (isCanceled()) return this.#finishNow();
        this.#doneMoments += 1;
        const { overLimit } = this.#outputEnd();
        if (overLimit !== null && record.launch.output.overflow === "stop") {
          return this.#finish({ kind: "over-limit", stream: overLimit }, { atMs: elapsedMs, forced: true });
        }
      } else if (fate && fate.atMs <= elapsedMs) {
        this.#finish(fate.outcome, fate);
      } else {
        return this.#sleepUntil(
          Math.min(moment?.atMs ?? Number.POSITIVE_INFINITY, fate?.atMs ?? Number.POSITIVE_INFINITY),
        );
      }
    }
  }

  /** True when a stop takes effect in the middle of something that was begun before. */
  #isCutShort(begun: { atMs: number; stop: StopTimes | null }): boolean {
    const fate = this.#stop && this.#fate();
    if (!fate || fate.atMs > this.#elapsedMs()) return false;
    return begun.stop !== this.#stop || begun.atMs < fate.atMs;
  }

  #finishNow(): void {
    const fate = this.#fate();
    if (!this.#closed && fate) this.#finish(fate.outcome, fate);
  }

  #sleepUntil(atMs: number): void {
    if (!Number.isFinite(atMs)) return;
    const { clock } = this.#parts;
    this.#cancelTimer = clock.setTimer(clock.now() + atMs - this.#elapsedMs(), () => this.#wake());
  }

  #finish(outcome: Outcome, { atMs, forced }: { atMs: number; forced: boolean }): void {
    if (this.#end) return;
    this.#cancelTimer();
    const endedAt = Math.round(this.#parts.record.startedAt + atMs);
    const usage = usageOf(this.#parts.script, atMs);
    const exit = exitOf(outcome, { usage, output: this.#outputEnd(), endedAt });
    this.#output?.finish();
    this.#end = { exit, forced };
    this.#parts.folder.writeEnd(this.#end);
    this.#settle.resolve(this.#end);
  }

  #writer(): OutputWriter {
    this.#output ??= new OutputWriter(this.#parts.record.launch.output, this.#parts.clock);
    return this.#output;
  }

  #outputEnd(): OutputEnd {
    const { script, record } = this.#parts;
    const { limitBytes } = record.launch.output;
    return outputEndOf(script, { limitBytes, doneMoments: this.#doneMoments });
  }

  #break(error: unknown): void {
    if (this.#closed) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#finish({ kind: "broken", reason }, { atMs: this.#elapsedMs(), forced: false });
  }
}
