import type { Job } from "@berth/protocol";
import { BerthError } from "@berth/protocol/errors";
import { isTerminal } from "@berth/protocol/states";
import { durationProblem, parseDuration } from "@berth/protocol/units";
import type { Rest } from "../../transport/http.ts";
import { checkJob } from "./check-job.ts";
import { LONGEST_WAIT_MS, succeeded, waitForEnd } from "./job-end.ts";
import { JobHandle, type SignalOptions } from "./job-handle.ts";
import type { JobFilter } from "./job-filter.ts";
import { JobListing } from "./job-list.ts";
import type { JobRequest } from "./job-request.ts";
import type { ServerLink } from "./job-wire.ts";
import { withFolderSent } from "../upload/send-folder.ts";
import type { FolderProgress, Uploads } from "../uploads.ts";

/** How a job is submitted. */
export interface SubmitOptions extends SignalOptions {
  /**
   * The same key with the same request is the same job, whoever sends it again and when. Default: a random one per
   * call, so that this client's own retries after a cut connection never make a second job.
   */
  idempotencyKey?: string | undefined;
  /** Told how far the job's folder is, where `files` is one. */
  onProgress?: ((progress: FolderProgress) => void) | undefined;
}

/** How a job is submitted and waited for. */
export interface SubmitAndWaitOptions extends SubmitOptions {
  /** Longest wait, as in `20s`. Default: until the job has ended. */
  wait?: string | undefined;
  /** Put the first 64 KiB of each stream into the answer, as `stdout` and `stderr`. Default false. */
  includeOutput?: boolean | undefined;
  /** Resolve also where the job ended without success: look at `state` then. Default false: throws JobFailed. */
  mayFail?: boolean | undefined;
}

/** Submits, finds and lists jobs. */
export class Jobs {
  readonly #link: ServerLink;
  readonly #senders: { uploads: Uploads; rest: Rest };

  constructor(link: ServerLink, uploads: Uploads) {
    this.#link = link;
    this.#senders = { uploads, rest: link.rest };
  }

  /**
   * Submits a job. It is stored when this resolves: from there on it runs, whatever becomes of this process.
   *
   * @example
   * ```ts
   * const job = await berth.jobs.submit({
   *   command: "python3",
   *   args: ["report.py"],
   *   files: { "report.py": "print('hello')" },
   *   timeouts: { run: "5m" },
   * });
   * ```
   */
  async submit(request: JobRequest, options: SubmitOptions = {}): Promise<JobHandle> {
    const { idempotencyKey = randomKey(), signal } = options;
    const sent = await withFolderSent(request, this.#senders, options);
    return this.handle((await this.#link.jobs.submit(sent, { idempotencyKey, signal })).id);
  }

  /**
   * Submits a job and waits for its end, in one round trip when it is short: the job as it is at its end, or when
   * `wait` is over. Throws JobFailed when it ended without success, unless it `mayFail`.
   *
   * @example
   * ```ts
   * const job = await berth.jobs.submitAndWait({ command: "date" }, { wait: "20s", includeOutput: true });
   * console.log(job.state, job.stdout?.text);
   * ```
   */
  async submitAndWait(request: JobRequest, options: SubmitAndWaitOptions = {}): Promise<Job> {
    const waitMs = options.wait === undefined ? Number.POSITIVE_INFINITY : waitOf(options.wait);
    const sent = await withFolderSent(request, this.#senders, options);
    const deadline = performance.now() + waitMs;
    const { idempotencyKey = randomKey(), includeOutput = false, signal } = options;
    const job = await this.#link.jobs.submitAndWait(sent, {
      idempotencyKey,
      waitMs: Math.min(waitMs, LONGEST_WAIT_MS),
      includeOutput,
      signal,
    });
    if (isTerminal(job.state) || performance.now() >= deadline) return succeeded(job, options);
    return succeeded(
      await waitForEnd({ wire: this.#link.jobs, id: job.id }, { ...options, deadline }),
      options,
    );
  }

  /**
   * Resolves where the server would take such a job as far as it can tell without its contents, and throws what it would be
   * refused with otherwise. `submit` asks this by itself before it sends a folder. Over REST only.
   */
  async check(request: JobRequest, options: SignalOptions = {}): Promise<void> {
    await checkJob(this.#link.rest, request, options);
  }

  /** The job as it is now. */
  async get(id: string, options: SignalOptions = {}): Promise<Job> {
    return await this.handle(id).get(options);
  }

  /** Jobs, newest first. Nothing is asked until you loop over it or call `page`. */
  list(filter: JobFilter = {}): JobListing {
    return new JobListing(this.#link.jobs, filter);
  }

  /** The handle of a job that was submitted before, here or elsewhere. Asks nothing. */
  handle(id: string): JobHandle {
    return new JobHandle(this.#link, id);
  }
}

function waitOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  const message = durationProblem(text, "20s");
  throw new BerthError("REQUEST_INVALID", `Cannot wait for "${text}": it ${message}`, {
    problems: [{ field: "wait", message }],
  });
}

/** 128 random bits. Not `randomUUID`, which browsers offer to secure pages only. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
