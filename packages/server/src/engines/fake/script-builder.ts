import type { FoundFile } from "./left-in-folder.ts";
import type { Limits } from "../../core/limits.ts";
import type {
  ByteSource,
  Deed,
  Moment,
  Outcome,
  PlayedContact,
  Script,
  StartBehaviour,
  TermReaction,
} from "./script.ts";

/** What a script may refer to: the job as it was submitted. */
export interface ScriptSurroundings {
  env: Readonly<Record<string, string>>;
  workdir: string;
  files: readonly FoundFile[];
  /** Symbolic links that were there before. */
  links: readonly string[];
  stdinSize: number;
  /** What it is given to know, by the names of the files. */
  secrets: ReadonlyMap<string, Uint8Array>;
  limits: Limits;
}

/** Puts a script together step by step; time passes from step to step. */
export class ScriptBuilder {
  readonly surroundings: ScriptSurroundings;
  readonly start: StartBehaviour = { takesMs: 0, fail: null };
  onTerm: TermReaction = { kind: "end", afterMs: 0, outcome: { kind: "signal", signal: "SIGTERM" } };
  #lostOnRestart = false;
  #nowMs = 0;
  #end: Outcome | null = null;
  #hangs = false;
  #diskBytes = 0;
  readonly #moments: Moment[] = [];
  readonly #cpu: { fromMs: number; toMs: number; cpuMs: number }[] = [];
  readonly #peaks: { atMs: number; memoryBytes: number; pids: number; pidsRefused: number }[] = [];
  readonly #contacts: PlayedContact[] = [];
  readonly #written = { stdout: 0, stderr: 0 };
  readonly #saved = new Map<string, number>();
  readonly #links = new Set<string>();

  constructor(surroundings: ScriptSurroundings) {
    this.surroundings = surroundings;
    for (const link of surroundings.links) this.#links.add(link);
    for (const { name, size, isShared } of surroundings.files) {
      this.#saved.set(name, size);
      if (!isShared) this.#diskBytes += size;
    }
  }

  /** True when nothing can happen any more. */
  get isOver(): boolean {
    return this.#end !== null || this.#hangs;
  }

  delayStart(ms: number): void {
    this.start.takesMs = ms;
  }

  ignoreTerm(): void {
    this.onTerm = { kind: "ignore" };
  }

  loseOnRestart(): void {
    this.#lostOnRestart = true;
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  /** Uses CPU; with a CPU limit below one core it takes accordingly longer. */
  compute(cpuMs: number): void {
    const fromMs = this.#nowMs;
    this.#nowMs += cpuMs / Math.min(this.surroundings.limits.cpu?.value ?? 1, 1);
    this.#cpu.push({ fromMs, toMs: this.#nowMs, cpuMs });
  }

  output(stream: "stdout" | "stderr", bytes: ByteSource): void {
    this.#do({ kind: "output", stream, from: this.#written[stream], bytes });
    this.#written[stream] += bytes.size;
  }

  save(path: string, bytes: ByteSource): void {
    this.#do({ kind: "save", path, bytes });
    this.#saved.set(path, bytes.size);
    this.#diskBytes += bytes.size;
    const limit = this.surroundings.limits.disk;
    if (limit === null || this.#diskBytes <= limit.value) return;
    this.finish({ kind: "disk-limit", limitBytes: limit.value, usedBytes: this.#diskBytes });
  }

  /** Makes a link or a FIFO. */
  place(deed: Extract<Deed, { path: string }>): void {
    this.#do(deed);
    if (deed.kind === "symlink") this.#links.add(deed.path);
  }

  /** True when the path is a symbolic link or leads through one: nothing may be read or written there. */
  isLinked(path: string): boolean {
    const parts = path.split("/");
    return parts.some((_, n) => this.#links.has(parts.slice(0, n + 1).join("/")));
  }

  /** Bytes of a file that was sent or saved; null when there is none. */
  sizeOf(path: string): number | null {
    return this.#saved.get(path) ?? null;
  }

  useMemory(bytes: number): void {
    const limit = this.surroundings.limits.memory?.value ?? null;
    const memoryBytes = limit === null ? bytes : Math.min(bytes, limit);
    this.#peaks.push({ atMs: this.#nowMs, memoryBytes, pids: 1, pidsRefused: 0 });
    if (limit !== null && bytes > limit) this.finish({ kind: "oom", limitBytes: limit, peakBytes: limit });
  }

  usePids(count: number): void {
    const pids = Math.min(count, this.surroundings.limits.pids?.value ?? count);
    this.#peaks.push({ atMs: this.#nowMs, memoryBytes: 0, pids, pidsRefused: count - pids });
  }

  contact(contact: Omit<PlayedContact, "atMs">): void {
    this.#contacts.push({ ...contact, atMs: this.#nowMs });
  }

  finish(outcome: Outcome): void {
    this.#end = outcome;
  }

  hang(): void {
    this.#hangs = true;
  }

  build(): Script {
    return {
      start: this.start,
      moments: this.#moments,
      end: this.#hangs ? null : { atMs: this.#nowMs, outcome: this.#end ?? { kind: "exit", code: 0 } },
      onTerm: this.onTerm,
      lostOnRestart: this.#lostOnRestart,
      cpu: this.#cpu,
      contacts: this.#contacts,
      peaks: this.#peaks,
    };
  }

  #do(deed: Deed): void {
    this.#moments.push({ atMs: this.#nowMs, ...deed });
  }
}
