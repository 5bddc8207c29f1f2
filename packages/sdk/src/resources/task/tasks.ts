import type { Job, JobList, JobState, Task, TaskPatch, TaskSpecInput } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { asJob, asJobList } from "../answers.ts";
import type { SignalOptions } from "../job/job-handle.ts";
import { Definitions } from "./definitions.ts";
import { asSchema } from "./task-answers.ts";

/** How a task is run. */
export interface RunOptions extends SignalOptions {
  /** Resolve when the job has ended, or after this time at most 1m. Default: as the task says; `0s` does not wait. */
  wait?: string | undefined;
  /** Run the task as it was in this version. Default: as it is. */
  version?: number | undefined;
  /** The same key with the same input is the same run. Default: a random one per call. */
  idempotencyKey?: string | undefined;
}

/** Which jobs of a task to list. */
export interface TaskJobsOptions extends SignalOptions {
  state?: JobState | readonly JobState[] | undefined;
  /** Jobs per page, 1 to 200. Default 50. */
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** Longer than the longest wait. */
const PATIENT_MS = 90_000;

/** What the right people may run, with a typed input: `execute` on a task is enough to run it and to see what came of it. */
export class Tasks extends Definitions<Task, TaskSpecInput, TaskPatch> {
  constructor(rest: Rest) {
    super(rest, {
      list: routes.listTasks,
      create: routes.createTask,
      get: routes.getTask,
      update: routes.updateTask,
      delete: routes.deleteTask,
      versions: routes.listTaskVersions,
      diff: routes.diffTask,
      rollBack: routes.rollBackTask,
    });
  }

  /** The JSON Schema of what it takes; `{}` where it takes anything. */
  async schema(name: string, { signal }: SignalOptions = {}): Promise<Record<string, unknown>> {
    return asSchema(await this.rest.json({ route: routes.getTaskSchema, name, signal }), this.rest.url);
  }

  /** Its jobs, newest first, of those that one may see; one page, and `next` is the cursor of the following. */
  async jobs(name: string, { state, limit, cursor, signal }: TaskJobsOptions = {}): Promise<JobList> {
    const query = { state: typeof state === "object" ? state.join(",") : state, limit, cursor };
    const answer = await this.rest.json({ route: routes.listTaskJobs, name, query, signal });
    return asJobList(answer, this.rest.url);
  }

  /**
   * Runs a task with this input, as a job of one's own: at its end where it was waited for, else as it begins. Throws
   * INPUT_INVALID with all that is wrong with the input, before anything runs.
   *
   * @example
   * ```ts
   * const job = await berth.tasks.run("monthly-report", { month: "2026-01" }, { wait: "30s" });
   * console.log(job.state, job.result);
   * ```
   */
  async run(name: string, input?: unknown, options: RunOptions = {}): Promise<Job> {
    return await this.runText(name, input === undefined ? "" : JSON.stringify(input), options);
  }

  /** The same with an input as text, which may be JSON that this client would not keep to the letter, or no JSON at all. */
  async runText(name: string, text: string, options: RunOptions = {}): Promise<Job> {
    const { signal, wait, version, idempotencyKey = crypto.randomUUID() } = options;
    const answer = await this.rest.json({
      route: routes.runTask,
      name,
      query: { wait, version },
      ...(text !== "" && { text }),
      headers: { "idempotency-key": idempotencyKey },
      signal,
      timeoutMs: PATIENT_MS,
    });
    return asJob(answer, this.rest.url);
  }
}
