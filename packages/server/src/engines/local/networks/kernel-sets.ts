import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { backoffMs } from "../../../lib/retry.ts";
import { bytesOfAddress } from "./place-network.ts";
import { ordinarily } from "../../../lib/turns/go-first.ts";

export interface KernelSetsOptions {
  /** berth-init. */
  program: string;
  /** The table whose sets it changes and shows. */
  table: string;
  /** Somebody else than a helper has changed that table: so often; null where nobody can know how often. Without it none is told. */
  onForeignChange?: (times: number | null) => void;
  /** Somebody else has taken away rules of the host's routing. */
  onRulesGone?: () => void;
  onNotice?: (notice: string, detail: Record<string, unknown>) => void;
}

interface Question {
  line: string;
  shown: string[];
  answer: PromiseWithResolvers<string[]>;
}

/** What the kernel said of something that was asked of the helper. */
export class KernelError extends Error {
  override readonly name = "KernelError";
  /** As in errno(3). */
  readonly errno: number;

  constructor(line: string, errno: number) {
    super(`Cannot ${line.split(" ", 2).join(" ")}: the kernel says error ${errno}`);
    this.errno = errno;
  }
}

export const ENOENT = 2;
/** When it has died so often without an answer in between, whoever asks is told. */
const MOST_DEATHS = 5;

/**
 * `berth-init nets`, which speaks to the kernel of elements (native/README.md has the words). It keeps nothing: when it
 * dies it is started again, and what was asked and not answered is asked again, as nothing of it does more when it is done twice.
 */
export class KernelSets implements AsyncDisposable {
  readonly #options: KernelSetsOptions;
  #child: ChildProcess | null = null;
  #open: Question[] = [];
  #deaths = 0;
  #isClosed = false;
  #restarting: NodeJS.Timeout | undefined;

  constructor(options: KernelSetsOptions) {
    this.#options = options;
  }

  /** Lets what comes out of the link through as the profile's chains say. `flags`: `o` observed, `m` with a rate. */
  grant(link: string, profile: string, flags: string): Promise<unknown> {
    return this.ask(`grant ${link} ${profile} ${flags || "-"}`);
  }

  /** Takes out what is said of the link, but for what it has reached. `flags` as it was granted. */
  revoke(link: string, flags: string): Promise<unknown> {
    return this.ask(`revoke ${link} ${flags || "-"}`);
  }

  /** Opens addresses for the link, for so long; puts off the end of those that are open. */
  openAddresses(link: string, addresses: readonly string[], ms: number): Promise<unknown> {
    const words = addresses.map((address) => bytesOfAddress(address).toString("hex"));
    return this.ask(`open ${link} ${Math.ceil(ms)} ${words.join(" ")}`);
  }

  /** One line to it; what it shows, line by line. Rejects with KernelError where the kernel refuses. */
  ask(line: string): Promise<string[]> {
    const answer = Promise.withResolvers<string[]>();
    if (this.#isClosed) answer.reject(new Error("the networks are closed"));
    else {
      this.#open.push({ line, shown: [], answer });
      if (this.#child) this.#child.stdin?.write(`${line}\n`);
      else if (this.#restarting === undefined) this.#start();
    }
    return answer.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restarting);
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.stdin?.end();
      await exited;
    }
    this.#giveUp("the networks are closed");
  }

  #start(): void {
    const { program, table, onForeignChange } = this.#options;
    const words = ["nets", table, ...(onForeignChange === undefined ? ["deaf"] : [])];
    // In a group of its own: what ends the server at a terminal does not end it before.
    const child = ordinarily(() =>
      spawn(program, words, { cwd: "/", detached: true, env: {}, stdio: ["pipe", "pipe", "ignore"] }),
    );
    this.#child = child;
    child.on("error", (error) => this.#ended(child, error.message));
    child.on("exit", (code, signal) => this.#ended(child, `ended with ${signal ?? code}`));
    if (child.pid === undefined) return;
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => this.#hear(child, line));
    for (const question of this.#open) {
      question.shown = [];
      child.stdin.write(`${question.line}\n`);
    }
  }

  #hear(child: ChildProcess, line: string): void {
    if (child !== this.#child) return;
    if (line === "!" || line === "?") {
      this.#options.onForeignChange?.(line === "!" ? 1 : null);
      return;
    }
    if (line === "~") {
      this.#options.onRulesGone?.();
      return;
    }
    if (line.startsWith("= ")) {
      this.#open[0]?.shown.push(line.slice(2));
      return;
    }
    this.#deaths = 0;
    const question = this.#open.shift();
    if (line === "ok") question?.answer.resolve(question.shown);
    else question?.answer.reject(new KernelError(question.line, Number(line.split(" ")[1])));
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (this.#isClosed) return;
    this.#deaths += 1;
    this.#options.onNotice?.(
      "the helper for networks died and is started again; running jobs are not affected",
      {
        how,
      },
    );
    // Nobody knows what was changed meanwhile.
    this.#options.onForeignChange?.(null);
    if (this.#deaths > MOST_DEATHS) this.#giveUp(`the helper for networks ${how}`);
    this.#restarting = setTimeout(
      () => {
        this.#restarting = undefined;
        this.#start();
      },
      backoffMs(this.#deaths, { maxMs: 5000 }),
    ).unref();
  }

  #giveUp(why: string): void {
    for (const { line, answer } of this.#open.splice(0))
      answer.reject(new Error(`Cannot ${line.split(" ", 2).join(" ")}: ${why}`));
  }
}
