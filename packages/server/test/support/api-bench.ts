import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { JobState } from "@berth/protocol";
import type { GuardedServer } from "../../src/api/http/auth.ts";
import { createHttpServer, type HttpServerOptions } from "../../src/api/http/server.ts";
import { withRecordedRefusals } from "../../src/auth/audited/audited-identity.ts";
import { createIdentity } from "../../src/auth/create-identity.ts";
import type { Identity } from "../../src/auth/identity.ts";
import { type ControlPlaneSettings, openControlPlane } from "../../src/control-plane.ts";
import { createToken } from "../../src/auth/tokens.ts";
import type { Job, JobChange } from "../../src/core/job/job.ts";
import { createFakeEngine } from "../../src/engines/fake/engine.ts";
import { OutputWriter } from "../../src/engines/fake/output-writer.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { Context, Scheduler } from "../../src/operations/context.ts";
import type { Store } from "../../src/store/store.ts";
import { createEvents } from "../../src/telemetry/events.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { planeSettings } from "./plane-settings.ts";
import type { NamedOfJob } from "./sample-job.ts";
import { StoreBench } from "./store-bench.ts";
import { tempFolder } from "./temp-folder.ts";

/** `an` and `ann-b` are neighbours of `ann` in the alphabet: a comparison by prefix takes one for the other. */
export type Caller = "root" | "ann" | "bob" | "an" | "ann-b";

export interface RunningJob {
  id: string;
  write(bytes: string | Buffer, stream?: "stdout" | "stderr"): Promise<void>;
  /** Its output is complete, and its end not stored yet. */
  finishOutput(): Promise<void>;
  end(change?: JobChange): Promise<void>;
  /** As when the server goes down while the job runs. */
  detach(): Promise<void>;
}

/** The HTTP server over a control plane as the server opens it, but for the scheduler: jobs move only when the test moves them. */
export class ApiBench implements AsyncDisposable {
  readonly #scope: AsyncDisposableStack;
  readonly app: GuardedServer;
  readonly context: Context;
  readonly identity: Identity;
  readonly jobs: StoreBench;
  readonly tokens: Readonly<Record<Caller, string>>;
  readonly logLines: readonly string[];

  private constructor(
    scope: AsyncDisposableStack,
    parts: Omit<ApiBench, "call" | "listen" | "runningJob" | "jobOf">,
  ) {
    this.#scope = scope;
    this.app = parts.app;
    this.context = parts.context;
    this.identity = parts.identity;
    this.jobs = parts.jobs;
    this.tokens = parts.tokens;
    this.logLines = parts.logLines;
  }

  static async open(
    change: (made: Context) => Partial<Context> | Promise<Partial<Context>> = () => ({}),
    doors: Pick<
      HttpServerOptions,
      "allowance" | "mostConnections" | "names" | "closeGraceMs" | "publicRead" | "kriten"
    > = {},
    settings: Partial<ControlPlaneSettings> = {},
  ): Promise<ApiBench> {
    await using opening = new AsyncDisposableStack();
    const { path } = opening.use(tempFolder());
    const logLines: string[] = [];
    const logger = createLogger({
      level: "debug",
      format: "json",
      out: { write: (line) => void logLines.push(line) },
    });
    const metrics = createMetrics();
    const events = createEvents({ logger, metrics });
    const dataDir = join(path, "data");
    const plane = opening.use(
      await openControlPlane(
        { ...planeSettings, ...settings, dataDir },
        {
          events,
          reportDisk: () => undefined,
          engines: [() => createFakeEngine({ root: join(dataDir, "fake") })],
        },
      ),
    );
    const { store } = plane.context;
    const made: Context = { ...plane.context, scheduler: restingScheduler(store) };
    const context: Context = { ...made, ...(await change(made)) };
    const tokens = {
      root: await addToken(context, { name: "root", role: "admin" }),
      ann: await addToken(context, { name: "ann", role: "user" }),
      bob: await addToken(context, { name: "bob", role: "user" }),
      an: await addToken(context, { name: "an", role: "user" }),
      "ann-b": await addToken(context, { name: "ann-b", role: "user" }),
    };
    const identity = withRecordedRefusals(createIdentity(context), context.audit);
    const app = createHttpServer({
      context,
      identity,
      events,
      metrics,
      version: "0.0.0",
      ...doors,
    });
    opening.defer(() => app.close());
    const parts = { app, context, identity, jobs: new StoreBench(store), tokens, logLines };
    return new ApiBench(opening.move(), { ...parts, [Symbol.asyncDispose]: async () => undefined });
  }

  /** A request without a socket: its status, headers and body. */
  async call(
    request: string,
    {
      as = "ann",
      body,
      headers = {},
    }: { as?: Caller | null; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; headers: Record<string, unknown>; body: unknown; text: string }> {
    const [method = "GET", url = "/"] = request.split(" ");
    const raw = typeof body === "string" || Buffer.isBuffer(body) || body === undefined;
    const response = await this.app.inject({
      method: method as "GET",
      url,
      headers: {
        ...(as !== null && { authorization: `Bearer ${this.tokens[as]}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { payload: raw ? body : JSON.stringify(body) }),
    });
    const isJson = String(response.headers["content-type"]).startsWith("application/json");
    const text = response.body;
    return {
      status: response.statusCode,
      headers: response.headers,
      body: isJson && text !== "" ? (JSON.parse(text) as unknown) : null,
      text,
    };
  }

  /** Listens on a free port; the URL of the API. */
  async listen(): Promise<string> {
    await this.app.listen({ host: "127.0.0.1", port: 0 });
    return `http://127.0.0.1:${(this.app.server.address() as AddressInfo).port}`;
  }

  /** A job of ann's in this state. */
  async jobOf(state: JobState, named: NamedOfJob = {}): Promise<Job> {
    return this.jobs.insertIn(state, { owner: "ann", ...named });
  }

  /** A running job of ann's, or of this owner: what it writes is noticed, and the test says when it ends. */
  async runningJob(owner = "ann"): Promise<RunningJob> {
    const { id } = await this.jobOf("running", { owner });
    const files = await this.context.logs.create(id);
    const follower = this.context.logs.follow(id);
    const output = new OutputWriter(files, systemClock);
    return {
      id,
      write: (text, stream = "stdout") => output.append(stream, Buffer.from(text)),
      finishOutput: async () => void (await follower.finish()),
      end: async (change = {}) => {
        await follower.finish();
        await this.jobs.move(id, "succeeded", { exitCode: 0, ...change });
      },
      detach: () => follower.detach(),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope[Symbol.asyncDispose]();
  }
}

/** Gives no slot and starts nothing. */
function restingScheduler(store: Store): Scheduler {
  return {
    reserve: () => false,
    hold: () => undefined,
    held: () => 0,
    prepare: () => undefined,
    release: () => undefined,
    wake: () => undefined,
    forget: ({ id }, audit) => store.jobs.delete(id, audit),
    slots: () => ({ total: 4, busy: 4, queued: 1, owners: 1 }),
    waitingOf: () => 1,
    shortage: () => null,
    readiness: () => ({ ready: true }),
    watchReadiness: (_, listener) => {
      listener({ ready: true });
      return () => undefined;
    },
  };
}

async function addToken({ store }: Context, owner: Parameters<typeof createToken>[0]): Promise<string> {
  const { text, stored } = createToken(owner, { createdAt: Date.now() });
  await store.tokens.insert(stored);
  return text;
}
