import type { Berth, Job, JobHandle, JobRequest } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import { exitCodeOfSignal } from "../../core/exit-codes.ts";
import { catchInterrupts, Interrupted } from "../../core/interrupts.ts";
import { inFlags } from "../../core/text/in-flags.ts";
import { printable } from "../../core/text/printable.ts";

/** How an attended job left its attendant. */
export interface Attended {
  /** null when the attendant was told to leave at once. */
  job: Job | null;
  /** The signal that ended the attendance, if one did. */
  interrupted: NodeJS.Signals | null;
}

export interface AttendOptions {
  cli: Cli;
  /** Where the job's stdout goes: with JSON on our stdout it must not. */
  stdoutTo: "stdout" | "stderr";
  /** Says why a job that is in the queue for a while does not begin. */
  explainWait: boolean;
}

/** So long nobody wonders why nothing comes. */
const EXPLAIN_AFTER_MS = 1_000;

/**
 * Submits a job, or has it submitted otherwise, and stays with it: its output as it comes, then its end. The first signal (Ctrl-C) stops the job and
 * waits for its end; the second one leaves at once. When nobody reads the output any more, the job is stopped too.
 */
export async function attendJob(
  berth: Berth,
  request: JobRequest | ((signal: AbortSignal) => Promise<JobHandle>),
  options: AttendOptions,
): Promise<Attended> {
  const { cli } = options;
  using interrupts = catchInterrupts(cli.surroundings.signals);
  const { first, second } = interrupts;
  const attendance = new Attendance(options, second);
  try {
    const handle = await (typeof request === "function"
      ? request(second)
      : berth.jobs.submit(request, { signal: second }));
    const onFirst = (): void => attendance.stop(handle);
    if (first.aborted) onFirst();
    else first.addEventListener("abort", onFirst, { once: true });
    cli.out.broken.addEventListener("abort", onFirst, { once: true });
    await attendance.show(handle);
    const job = await handle.done({ mayFail: true, signal: second });
    return { job, interrupted: signalOf(first) };
  } catch (error) {
    if (!second.aborted) throw error;
    const interrupted = signalOf(second);
    attendance.sayLeaving();
    // What is still to be written for somebody who does not read would hold this process.
    cli.surroundings.exitSoon(exitCodeOfSignal(interrupted ?? "SIGINT"));
    return { job: null, interrupted };
  }
}

class Attendance {
  readonly #options: AttendOptions;
  readonly #leave: AbortSignal;
  #id: string | null = null;
  #stopping: "no" | "asked" | "accepted" = "no";

  constructor(options: AttendOptions, leave: AbortSignal) {
    this.#options = options;
    this.#leave = leave;
  }

  async show(handle: JobHandle): Promise<void> {
    this.#id = handle.id;
    const { cli, stdoutTo } = this.#options;
    using _ = this.#explainLater(handle);
    for await (const { stream, data } of handle.output({ signal: this.#leave })) {
      const target = stream === "stdout" && stdoutTo === "stdout" ? cli.out : cli.err;
      // Nobody reads: what follows is thrown away, and the job is being stopped.
      if (!target.broken.aborted) await target.write(data, this.#leave).catch(ignoreBroken(target.broken));
    }
  }

  stop(handle: JobHandle): void {
    if (this.#stopping !== "no") return;
    this.#id = handle.id;
    this.#stopping = "asked";
    const { err } = this.#options.cli;
    this.#ask(handle).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      if (!this.#leave.aborted) say(err, `Cannot stop job ${handle.id}: ${why}`);
    });
  }

  sayLeaving(): void {
    const { err } = this.#options.cli;
    if (this.#id === null) return say(err, "Left: the job may have been accepted: see `berth list`");
    const look = `see \`berth status ${this.#id}\``;
    if (this.#stopping === "accepted")
      return say(err, `Left: job ${this.#id} goes on being stopped: ${look}`);
    say(err, `Left: the server has not confirmed the stop of job ${this.#id}: ${look}`);
  }

  #explainLater(handle: JobHandle): Disposable {
    const explain = async (): Promise<void> => {
      const { state, cause } = await handle.get();
      if (state === "queued" && cause !== null) {
        say(this.#options.cli.err, `Waiting: ${printable(inFlags(cause.message))}`);
      }
    };
    // Only a word more: where it cannot be had, nothing is lost.
    const later = (): void => void explain().catch(() => null);
    const timer = this.#options.explainWait ? setTimeout(later, EXPLAIN_AFTER_MS) : null;
    return { [Symbol.dispose]: () => clearTimeout(timer ?? undefined) };
  }

  async #ask(handle: JobHandle): Promise<void> {
    say(this.#options.cli.err, `Stopping job ${handle.id}; press Ctrl-C again to leave without waiting`);
    await handle.stop({ signal: this.#leave });
    this.#stopping = "accepted";
  }
}

/** Does not wait until it is read: what is said goes along with what is done. */
function say(err: Cli["err"], text: string): void {
  if (!err.broken.aborted) err.remark(`berth: ${text}`).catch(() => undefined);
}

function ignoreBroken(broken: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!broken.aborted) throw error;
  };
}

function signalOf({ reason }: AbortSignal): NodeJS.Signals | null {
  return reason instanceof Interrupted ? reason.signal : null;
}
