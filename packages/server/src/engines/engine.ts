import type { Duplex } from "node:stream";
import type { ArchiveFormat, Artifact, Capabilities, Check, Isolation } from "@berth/protocol";
import type { EndVerdict } from "../core/job/end.ts";
import type { Limits } from "../core/limits.ts";
import type { Contacts } from "../core/network/contact.ts";
import type { GivenSecrets } from "../core/secrets/secrets-of-job.ts";
import type { Surroundings } from "../core/stages/surroundings.ts";
import type { Ends, Stream } from "../core/output/output-record.ts";

/**
 * The port that every way of running a job implements; proven by test/conformance/engine.ts.
 *
 *   launch --start--> running --(exit)--> wait resolves --destroy--> nothing left but logs and artifacts
 *                        |
 *                        '-- server dies: shim and job go on; the next server calls recover, then wait
 *
 * A handle is chosen by `handleFor` from the id alone and stored before `start` is called.
 */
export interface Engine extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Jobs that may run at once; what comes beside them waits in the queue. */
  readonly maxJobs: number;
  /** What this host or cluster can enforce, looked at now. */
  check(): Promise<Check[]>;
  /** What stands ready for jobs to come, looked at now. */
  standby(): Standby;
  /** The versioned handle that a job of this id will have. Pure. */
  handleFor(id: string): string;
  /** What would be made of a launch with these surroundings and limits. Pure. */
  plan(asked: PlannedLaunch): Plan;
  /** Programs that it lacks to unpack such an archive in a sandbox, or to fetch code so, looked at now. */
  lackedFor(what: ArchiveFormat | SourceTransport): readonly string[];
  /**
   * Prepares and starts the job. Resolves as soon as it was handed to the runtime, with what was applied.
   * Called at most once per id, unless what the first call made was destroyed since. Rejects with EngineError when nothing was or will be run.
   */
  start(launch: Launch, signal: AbortSignal): Promise<Started>;
  /** After a restart: what has become of the workload of this handle. */
  recover(handle: string): Promise<Recovered>;
  /**
   * All that an earlier server had begun was asked for by `recover`, and what became of it is recorded: from now on what
   * the engine does not find was never started.
   */
  remember(): Promise<void>;
  /** Resolves when the job's main process and its whole tree are gone. Rejects with the signal's reason. */
  wait(handle: string, signal: AbortSignal): Promise<Exit>;
  /** TERM, up to `graceMs` of patience, then KILL of the whole tree. Resolves when the tree is gone; twice is fine. */
  stop(handle: string, options: { graceMs: number }): Promise<{ forced: boolean }>;
  /** What it has reached, as far as it is observed, and what it was refused, until now; null where it has no network. */
  contacts(handle: string): Promise<Contacts | null>;
  /**
   * A connection to a port on which something of the job listens: through its namespace, by no network. Rejects with
   * EngineError where nobody listens, or the engine cannot.
   */
  connect(handle: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /** Measured use until now; null where the workload is gone. */
  stats(handle: string): Promise<EngineUsage | null>;
  /** Keeps what matches `paths` below the job's folder; opens nothing outside it. Only after the exit. */
  collect(handle: string, request: CollectRequest): Promise<Collected>;
  /** The first `maxBytes` + 1 bytes of a regular file below the job's folder. Only after the exit. */
  readFile(handle: string, path: string, maxBytes: number): Promise<Uint8Array | null>;
  /**
   * Copies what the job has left in its folder to `into`, a path of the server's where nothing is yet, as a tree that jobs may
   * have as theirs: plain files, folders and links that belong to the server, and that anybody may change who gets there.
   * Answers the bytes that it takes, when it is on the disk. Only after the exit.
   */
  keepTree(handle: string, into: string): Promise<number>;
  /** Removes everything the engine made for this job: processes, mounts, groups, folders. Idempotent. */
  destroy(handle: string): Promise<void>;
  /**
   * Handles of all workloads that the engine finds on the host, whoever started them, in an order in which they can be
   * destroyed. For the sweep.
   */
  list(): Promise<{ id: string; handle: string }[]>;
}

/** How code is fetched. */
export type SourceTransport = "git" | "git over ssh";

/** What of a launch is known before a job is stored. */
export type PlannedLaunch = Surroundings & Pick<Launch, "limits">;

export interface Plan {
  /** What would be applied, item by item. */
  isolation: Isolation;
  /** Limits that the job itself asked for and that cannot be enforced. The caller decides whether that is an error. */
  refused: Problem[];
  /** What of the surroundings cannot be made: such a launch is never started, whatever the caller decides. */
  impossible: Problem[];
}

interface Problem {
  field: string;
  reason: string;
}

/** Everything needed to run one job, in machine units; nothing of owners, labels or tasks. */
export interface Launch extends Surroundings {
  id: string;
  handle: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  workdir: string;
  files: readonly { name: string; content: Uint8Array }[];
  /** Bytes, or a file of the server's, which the job can read and nothing else. null: an empty one. */
  stdin: Uint8Array | { file: string } | null;
  /** What it is given to know: in memory, where it alone can read it. Never anywhere else. null for nothing. */
  secrets: GivenSecrets | null;
  /** What /work is when it starts. */
  work: WorkFolder;
  /**
   * Called before it begins, with the folder that will be its /work, an own one, as this server names it: what is opened there it finds. Left
   * out: nothing.
   */
  openDoor?: ((folder: string) => Promise<void>) | undefined;
  limits: Limits;
  output: LaunchOutput;
  /** Whom it is for: work that takes long is done in turns between them. Nobody's when left out. */
  turnOf?: string;
  /**
   * For a job that is being stored: resolves when it is, and the files of its output are there; rejects where it will not
   * be. The engine may prepare the start meanwhile, but nothing bears the job's name or runs before. Left out: it is stored.
   */
  stored?: Promise<void>;
}

/**
 * An own folder, empty but for `files`; or the one that another workload of the same job has left, which has ended and is
 * not destroyed before this one: then `files` are empty, as nothing of the server's may be written where a job has been.
 */
export type WorkFolder = { kind: "own" } | { kind: "left-by"; handle: string };

/** Where output goes, and how much of it. The files are there; the log store only reads them until `wait` resolves. */
export interface LaunchOutput {
  /** The engine appends what the job writes, a byte at most once, and no more than the limit. */
  stdout: string;
  stderr: string;
  /** For what has been appended the engine adds records here: see IndexWriter, the reference. */
  index: string;
  /** Most bytes that one stream may have; null for no limit. */
  limitBytes: number | null;
  /** Past the limit the engine ends the job at once, or counts what it drops and lets the job go on. */
  overflow: "stop" | "discard";
}

export interface Standby {
  /** Sandboxes that wait for a job. */
  sandboxes: number;
  /** Memory that all their processes take, what they share with others divided; null where nobody can say. */
  bytes: number | null;
}

export interface Started {
  /** What was in fact applied, read back. */
  isolation: Isolation;
}

export type Recovered =
  /**
   * It runs, or has `ended` and `wait` will say how. Started at: epoch ms, as the clock showed then. Age: how long
   * ago that is, whatever was done to the clock since. null where the engine does not know. Stop age: the same of the
   * first stop that an earlier server asked for; left out where the engine has not noted any.
   */
  | { kind: "found"; startedAt: number | null; ageMs: number | null; stopAgeMs?: number; ended: boolean }
  /** Nothing was started under this id: it is safe to start it. */
  | { kind: "never-started" }
  /** Nothing of it is here, and so it would be had it run: the host was restarted. Only what nobody had begun may start. */
  | { kind: "forgotten" }
  /** It was started and its end cannot be known. */
  | { kind: "lost"; startedAt: number | null; why: string };

export interface Exit {
  /** 0 to 255, or null when ended by a signal or lost. */
  code: number | null;
  /** `SIGTERM`, ... or null. */
  signal: string | null;
  /** Epoch ms, where the engine knows it: a job may have ended while the server was away. */
  endedAt: number | null;
  usage: EngineUsage;
  /** What of the host may have been in the way of a job that failed by itself, as a sentence. */
  hostProblem?: string;
  output: OutputEnd;
  /** What the engine itself saw; null when the command ended by itself. First match wins. */
  verdict: EndVerdict | null;
  /** Processes of the job that not even KILL has ended so far, as they wait in the kernel. The engine goes on trying. */
  remaining?: number;
}

/** What the engine saw of the output of a job that has ended. */
export interface OutputEnd {
  /** The stream that passed the limit first; null when none did. */
  overLimit: Stream | null;
  /** Bytes past the limit, which nobody kept; null where nobody could count them. */
  dropped: Ends | null;
}

export interface EngineUsage {
  cpuMs: number | null;
  peakMemoryBytes: number | null;
  pidsPeak: number | null;
  /** Times that the pids limit refused a fork. */
  pidsRefused: number | null;
}

export interface CollectRequest {
  paths: readonly string[];
  /** An existing empty folder of the server's on the data disk. */
  into: string;
  maxBytes: number;
  maxFiles: number;
  /** As in `Launch`. */
  turnOf?: string;
}

export interface Collected {
  artifacts: Artifact[];
  /** What they take of the disk, with their folders: less than their sizes where there are holes. */
  heldBytes: number;
  skipped: { path: string; reason: string }[];
}

/** A start that did not happen. `blame` decides the job's cause; `retryable` whether it is tried again. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly blame: "job" | "engine";
  readonly retryable: boolean;
  /** Of a program that cannot be run: whether it is there. */
  readonly programFound: boolean | undefined;
  /** What the job asked for ends it before it begins: so. */
  readonly verdict: Extract<EndVerdict, { kind: "oom" }> | undefined;

  constructor(
    message: string,
    options: {
      blame: "job" | "engine";
      retryable: boolean;
      programFound?: boolean;
      verdict?: Extract<EndVerdict, { kind: "oom" }>;
      cause?: unknown;
    },
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.blame = options.blame;
    this.retryable = options.retryable;
    this.programFound = options.programFound;
    this.verdict = options.verdict;
  }
}

/** Throws where a launch asks for surroundings that the engine cannot make: a weaker one is never made instead. */
export function demandPossible({ id }: Pick<Launch, "id">, impossible: Plan["impossible"]): void {
  if (impossible.length === 0) return;
  const why = impossible.map(({ reason }) => reason).join("; ");
  throw new EngineError(`Cannot start job "${id}": this engine ${why}`, {
    blame: "engine",
    retryable: false,
  });
}

/** What an engine says that has no way to a job's ports. */
export function cannotConnect(id: string): EngineError {
  return new EngineError(`Cannot connect to job "${id}": this engine has no way to the ports of its jobs`, {
    blame: "engine",
    retryable: false,
  });
}
