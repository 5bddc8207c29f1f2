import type { TaskSpec } from "@berth/protocol";
import type { Job } from "../../src/core/job/job.ts";
import { EngineError } from "../../src/engines/engine.ts";
import type { Context } from "../../src/operations/context.ts";
import { createDefinition } from "../../src/operations/tasks/definitions/create-definition.ts";
import { runTask } from "../../src/operations/tasks/run-task.ts";
import { openReconcilerBench, type ReconcilerBench } from "./reconciler-bench.ts";
import { sampleCaller } from "./sample-caller.ts";
import { until } from "./until.ts";

const admin = sampleCaller({ principal: { name: "admin", roles: ["admin"] } });

type OpenParts = Parameters<ReconcilerBench["open"]>;

/** Servers whose engine can start nothing as long as it is said to be down, and runs of tasks on them. */
export class RetriesBench implements AsyncDisposable {
  /** Whether the engine can start anything. */
  isDown = true;
  readonly bench: ReconcilerBench;
  #open: Awaited<ReturnType<ReconcilerBench["open"]>> | null = null;
  #count = 0;

  private constructor(bench: ReconcilerBench) {
    this.bench = bench;
  }

  static async open(...parts: OpenParts): Promise<RetriesBench> {
    const retries = new RetriesBench(await openReconcilerBench());
    await retries.openServer(...parts);
    const runner = { caller: admin, kind: "runner", name: "plain", spec: {} } as const;
    await createDefinition(retries.context, runner);
    return retries;
  }

  get context(): Context {
    if (this.#open === null) throw new Error("Cannot use the server: it is closed");
    return this.#open.context;
  }

  get store(): ReconcilerBench["store"] {
    return this.bench.store;
  }

  async openServer(methods: OpenParts[0] = {}, parts: OpenParts[1] = {}): Promise<void> {
    this.#open = await this.bench.open(
      {
        start: (launch, signal) => {
          if (!this.isDown) return this.bench.engine.start(launch, signal);
          throw new EngineError("the runtime does not answer", { blame: "engine", retryable: false });
        },
        ...methods,
      },
      parts,
    );
  }

  async closeServer(): Promise<void> {
    await this.#open?.[Symbol.asyncDispose]();
    this.#open = null;
  }

  /** Defines a task of its own and runs it; its id. */
  async run(
    spec: Partial<TaskSpec> & { command?: string[] },
    { input = "", caller = admin } = {},
  ): Promise<string> {
    const name = `t${(this.#count += 1)}`;
    const whole: TaskSpec = { runner: "plain", command: ["fake", "env", "exit=0"], ...spec };
    await createDefinition(this.context, { caller: admin, kind: "task", name, spec: whole });
    return await this.runTask(name, { input, caller });
  }

  async runTask(name: string, { input = "", caller = admin } = {}): Promise<string> {
    const words = { name: `n-${name}`, labels: { a: "b" }, priority: 7 };
    const request = { caller, name, words, idempotencyKey: null, input: Buffer.from(input) };
    return (await runTask(this.context, request)).job.id;
  }

  async ended(id: string): Promise<Job> {
    return await until(
      async () => {
        const job = await this.store.jobs.get(id);
        return job !== null && job.endedAt !== null ? job : null;
      },
      { what: `the end of job "${id}"` },
    );
  }

  /** The job that this one is run again as. */
  async again(id: string): Promise<string> {
    return await until(async () => (await this.store.jobs.get(id))?.retry?.as, { what: "the run after it" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeServer();
    await this.bench[Symbol.asyncDispose]();
  }
}
