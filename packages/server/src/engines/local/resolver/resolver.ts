import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { sleep } from "../../../lib/clock.ts";
import { backoffMs } from "../../../lib/retry.ts";
import { HasAsked } from "./lookup-journal.ts";
import type { NameSource } from "./name-rules.ts";
import type { FromResolver, JournaledJob, ResolverData, ToResolver } from "./thread-messages.ts";
import { ordinarily } from "../../../lib/turns/go-first.ts";

export interface ResolverOptions {
  /** Where jobs ask; 0 for any port that is free. */
  address: string;
  port: number;
  /** By what addresses are opened: berth-init, and the table whose sets it changes. */
  sets: ResolverData["sets"];
  /** In which the host's own servers of names are. */
  resolvConf?: string;
  /** For tests, whose servers have no port of the system. */
  hostServersPort?: number;
  /** For tests, whose threads die. */
  threadFile?: URL;
  onProblem: (message: string) => void;
}

/** A job that may ask, with what its profile says of names. */
export interface AdmittedJob extends Omit<JournaledJob, "asked"> {
  rules: NameSource;
  /** Of a job that an earlier server has started: it may have asked before. */
  isTakenUp?: boolean;
}

interface KnownJob extends AdmittedJob {
  asked: HasAsked;
}

/** The thread's own heap: ten thousand answers, and for each job what it asked and has open. */
const LIMITS = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 512, stackSizeMb: 1 };

/** Answers jobs that ask for names, in a thread of its own, which is started again where it dies. */
export class Resolver implements AsyncDisposable {
  readonly #options: ResolverOptions;
  readonly #jobs = new Map<string, KnownJob>();
  readonly #waiting = new Map<string, PromiseWithResolvers<void>[]>();
  readonly #closed = new AbortController();
  #port: number;
  /** null while another one is started. */
  #worker: Worker | null = null;
  #isListening = false;
  #restarting: Promise<void> = Promise.resolve();

  private constructor(options: ResolverOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** Rejects where it cannot listen at that address. */
  static async open(options: ResolverOptions): Promise<Resolver> {
    const resolver = new Resolver(options);
    await resolver.#start();
    return resolver;
  }

  /** Where it listens. */
  get port(): number {
    return this.#port;
  }

  /**
   * Resolves when the job will be answered: before that it must not begin. The thread hears of it before it hears what the job
   * asks; only one that is being started again is waited for.
   */
  async admit({ isTakenUp = false, ...admitted }: AdmittedJob): Promise<void> {
    const { address, digest, rules } = admitted;
    const isNew = !this.#knows(digest);
    const job = { ...admitted, asked: new HasAsked() };
    if (isTakenUp) job.asked.note();
    this.#jobs.set(address, job);
    if (isNew) this.#post({ kind: "rules", digest, rules });
    this.#post({ kind: "admit", job: withoutRules(job) });
    if (!this.#isListening) await this.#done(`admit ${address}`);
  }

  /** Whether the job may have asked for anything that its file tells of. */
  mayHaveAsked(address: string): boolean {
    return this.#jobs.get(address)?.asked.isNoted ?? true;
  }

  /** Resolves when all that the job has asked is in its file, also what has come and is not heard yet. */
  async flush(address: string): Promise<void> {
    // With a thread that has died it is there, or never will be.
    if (this.#worker === null || !this.#jobs.has(address)) return;
    const flushed = this.#done(`flush ${address}`);
    this.#post({ kind: "flush", address });
    await flushed;
  }

  /** Nothing is open any more of what was opened: it is opened anew for who asks again. */
  forgetOpenings(): void {
    this.#post({ kind: "all-shut" });
  }

  /** Resolves when what comes from that address is not answered any more, and nothing is written for it. */
  async dismiss(address: string): Promise<void> {
    const job = this.#jobs.get(address);
    if (job === undefined) return;
    this.#jobs.delete(address);
    for (const what of ["admit", "flush"]) this.#settle(`${what} ${address}`);
    const dismissed = this.#worker === null ? null : this.#done(`dismiss ${address}`);
    this.#post({ kind: "dismiss", address });
    if (!this.#knows(job.digest)) this.#post({ kind: "forget", digest: job.digest });
    await dismissed;
  }

  /** Answers nobody any more. What was asked for is in the files of the jobs then. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error("The resolver is closed"));
    await this.#restarting;
    const worker = this.#worker;
    if (worker === null) return;
    this.#worker = null;
    const closed = Promise.withResolvers<void>();
    worker.on("message", (message: FromResolver) => message.kind === "closed" && closed.resolve());
    worker.on("exit", () => closed.resolve());
    worker.postMessage({ kind: "close" } satisfies ToResolver);
    await closed.promise;
    await worker.terminate();
    for (const what of this.#waiting.keys()) this.#settle(what);
  }

  #knows(digest: string): boolean {
    for (const job of this.#jobs.values()) if (job.digest === digest) return true;
    return false;
  }

  /** While there is no thread nothing is lost: the next one begins with all that is so by then. */
  #post(message: ToResolver): void {
    this.#worker?.postMessage(message);
  }

  async #start(): Promise<void> {
    const started = Promise.withResolvers<number>();
    const jobs = [...this.#jobs.values()];
    const worker = ordinarily(
      () =>
        new Worker(this.#options.threadFile ?? threadFile(), {
          name: "berth-resolver",
          resourceLimits: LIMITS,
          workerData: {
            address: this.#options.address,
            port: this.#port,
            sets: this.#options.sets,
            resolvConf: this.#options.resolvConf ?? "/etc/resolv.conf",
            hostServersPort: this.#options.hostServersPort,
            rules: [...new Map(jobs.map(({ digest, rules }) => [digest, rules]))],
            jobs: jobs.map(withoutRules),
          } satisfies ResolverData,
        }),
    );
    this.#worker = worker;
    let [why, hasStarted] = ["it has ended", false];
    worker.on("error", (error: unknown) => {
      why = String(error);
    });
    worker.on("message", (message: FromResolver) => {
      if (message.kind === "listening") started.resolve(message.port);
      else if (message.kind === "failed") why = message.message;
      else this.#hear(message);
    });
    worker.on("exit", () => {
      started.reject(new Error(why));
      if (this.#worker !== worker) return;
      this.#worker = null;
      this.#isListening = false;
      // It writes nothing any more.
      for (const what of this.#waiting.keys()) if (!what.startsWith("admit ")) this.#settle(what);
      if (hasStarted) this.#restarting = this.#startAgain(why);
    });
    this.#port = await started.promise;
    hasStarted = true;
    this.#isListening = true;
    // What came meanwhile was told to it too.
    for (const what of this.#waiting.keys()) if (what.startsWith("admit ")) this.#settle(what);
  }

  async #startAgain(why: string): Promise<void> {
    const { signal } = this.#closed;
    for (let failures = 1; ; failures += 1) {
      this.#options.onProblem(`The thread that answers jobs which ask for names is started again: ${why}`);
      try {
        await sleep(backoffMs(failures), { signal });
        return await this.#start();
      } catch (error) {
        if (signal.aborted) return;
        why = String(error);
      }
    }
  }

  #hear(message: FromResolver): void {
    if (message.kind === "done") this.#settle(`${message.what} ${message.address}`);
    else if (message.kind === "problem") this.#options.onProblem(message.message);
  }

  #done(what: string): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#waiting.set(what, [...(this.#waiting.get(what) ?? []), done]);
    return done.promise;
  }

  #settle(what: string): void {
    for (const { resolve } of this.#waiting.get(what) ?? []) resolve();
    this.#waiting.delete(what);
  }
}

/** Beside this file, as source or as built. */
function threadFile(): URL {
  return new URL(`./resolver-thread${extname(import.meta.url)}`, import.meta.url);
}

function withoutRules({ address, link, hasV6, digest, lookups, asked }: KnownJob): JournaledJob {
  return { address, link, hasV6, digest, lookups, asked: asked.memory };
}
