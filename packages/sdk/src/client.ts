import type { Applied, DefinitionsInput } from "@berth/protocol";
import { Access } from "./resources/access/access.ts";
import { Bindings } from "./resources/access/bindings.ts";
import { Groups } from "./resources/access/groups.ts";
import { Roles } from "./resources/access/roles.ts";
import { Quotas } from "./resources/access/quotas.ts";
import { Secrets } from "./resources/access/secrets.ts";
import { Sessions } from "./resources/access/sessions.ts";
import { Audit } from "./resources/access/audit.ts";
import { Tokens } from "./resources/access/tokens.ts";
import { Users } from "./resources/access/users.ts";
import { Certificates } from "./resources/certificates.ts";
import { Engines } from "./resources/engines.ts";
import type { SignalOptions } from "./resources/job/job-handle.ts";
import type { LinkOptions, ServerLink, WireTransport } from "./resources/job/job-wire.ts";
import { Jobs } from "./resources/job/jobs.ts";
import { Networks } from "./resources/networks.ts";
import { Server } from "./resources/server.ts";
import { restLink } from "./rest/rest-link.ts";
import type { ExactNumber } from "./transport/exact-numbers.ts";
import { fetchTransport } from "./transport/fetch-transport.ts";
import type { ConnectionChange } from "./transport/retry.ts";
import type { Patience } from "./transport/http.ts";
import type { Transport } from "./transport/transport.ts";
import { applyDefinitions, type ApplyOptions } from "./resources/task/apply.ts";
import { exportDefinitions, type ExportOptions } from "./resources/task/export.ts";
import { Runners } from "./resources/task/runners.ts";
import { Schedules } from "./resources/task/schedules.ts";
import { Webhooks } from "./resources/task/webhooks.ts";
import { Tasks } from "./resources/task/tasks.ts";
import { Uploads } from "./resources/uploads.ts";

/** What a client is told, whichever wire it speaks. Nothing is read from the environment or from files. */
export interface ClientOptions {
  /** Default `berth-sdk`. Browsers send their own. */
  userAgent?: string | undefined;
  /** How long to go on trying while nobody answers. Default 10 s for one request, 5 min while following a job. */
  patience?: Partial<Patience> | undefined;
  /** Told when the server stops answering while something is followed, and when it answers again. */
  onConnection?: ((change: ConnectionChange) => void) | undefined;
  /**
   * What to make of a number in a job's result that a double cannot carry, from its digits as the job wrote them:
   * `BigInt` where all are whole, `String`, `JSON.rawJSON`. Default: it is rounded, as `JSON.parse` does.
   */
  exactNumber?: ExactNumber | undefined;
}

/** A server over REST, which has everything. */
export interface RestOptions extends ClientOptions {
  /** As in `http://127.0.0.1:7400`; a path before `/api` is kept. */
  url: string;
  /** Sent as `Authorization: Bearer`. */
  token?: string | undefined;
  /** Another `fetch`, for a proxy or for tests. Default: the global one. */
  fetch?: typeof fetch | undefined;
  /** Instead of `fetch`: `nodeHttp()` of `@berth/sdk/node`, which starts sooner and moves more. */
  transport?: Transport | undefined;
}

/** A server over another wire, which knows by itself where the server is and who asks. */
export interface WireOptions extends ClientOptions {
  /** `grpc({ target, ca, certificate, key })` of `@berth/sdk/grpc`. */
  transport: WireTransport;
}

/** Where the server is, and how to talk to it. */
export type BerthOptions = RestOptions | WireOptions;

/**
 * A client of one server. Cheap to make, holds nothing open, needs no closing.
 *
 * @example
 * ```ts
 * import { Berth } from "@berth/sdk";
 *
 * const berth = new Berth({ url: "http://127.0.0.1:7400", token: "berth_..." });
 * const job = await berth.jobs.submit({ command: "uname", args: ["-a"] });
 * for await (const { data } of job.output()) process.stdout.write(data);
 * await job.done(); // throws JobFailed when it did not succeed
 * ```
 */
export class Berth {
  readonly jobs: Jobs;
  readonly runners: Runners;
  readonly tasks: Tasks;
  readonly schedules: Schedules;
  readonly webhooks: Webhooks;
  readonly uploads: Uploads;
  readonly certificates: Certificates;
  readonly networks: Networks;
  readonly engines: Engines;
  readonly server: Server;
  readonly access: Access;
  readonly roles: Roles;
  readonly bindings: Bindings;
  readonly tokens: Tokens;
  readonly secrets: Secrets;
  /** What bounds the jobs of whom. */
  readonly quotas: Quotas;
  readonly sessions: Sessions;
  readonly users: Users;
  readonly groups: Groups;
  readonly audit: Audit;
  readonly #link: ServerLink;

  constructor(options: BerthOptions) {
    this.#link = linkOf(options);
    this.uploads = new Uploads(this.#link.rest);
    this.jobs = new Jobs(this.#link, this.uploads);
    this.runners = new Runners(this.#link.rest);
    this.tasks = new Tasks(this.#link.rest);
    this.schedules = new Schedules(this.#link.rest);
    this.webhooks = new Webhooks(this.#link.rest);
    this.certificates = new Certificates(this.#link.rest);
    this.networks = new Networks(this.#link.rest);
    this.engines = new Engines(this.#link.rest);
    this.server = new Server(this.#link.rest);
    this.access = new Access(this.#link.rest);
    this.roles = new Roles(this.#link.rest);
    this.bindings = new Bindings(this.#link.rest);
    this.tokens = new Tokens(this.#link.rest);
    this.secrets = new Secrets(this.#link.rest);
    this.quotas = new Quotas(this.#link.rest);
    this.sessions = new Sessions(this.#link.rest);
    this.users = new Users(this.#link.rest);
    this.groups = new Groups(this.#link.rest);
    this.audit = new Audit(this.#link.rest);
  }

  /** Where the server is: without credentials and without a slash at the end. */
  get url(): string {
    return this.#link.jobs.url;
  }

  /**
   * Has roles, bindings, runners, tasks, schedules and webhooks be as they are written, all of them or none: each entry is all
   * that it says, and what is not named stays. Applied again, it changes nothing. Throws as defining each of them does, with
   * every refused one in `problems`, and VERSION_CHANGED where somebody was faster.
   *
   * @example
   * ```ts
   * const { items } = await berth.apply({
   *   runners: [{ name: "reports", spec: { resources: { memory: "256Mi" } } }],
   *   tasks: [{ name: "report", spec: { runner: "reports", command: "python3 report.py" } }],
   * });
   * console.log(items.map(({ name, action }) => `${action} ${name}`));
   * ```
   */
  async apply(definitions: DefinitionsInput, options: ApplyOptions = {}): Promise<Applied> {
    return await applyDefinitions(this.#link.rest, definitions, options);
  }

  /** What `apply` takes and changes nothing by: all that one may list. Secrets are named in it, and not there. */
  async export(options: ExportOptions = {}): Promise<DefinitionsInput> {
    return await exportDefinitions(this, options);
  }

  /** Whether the server takes jobs now. Throws SERVER_UNREACHABLE when nobody answers. */
  async health(options: SignalOptions = {}): Promise<{ ready: boolean }> {
    return { ready: await this.#link.isReady(options.signal) };
  }
}

function linkOf(options: BerthOptions): ServerLink {
  const shared: LinkOptions = {
    userAgent: options.userAgent ?? "berth-sdk",
    exactNumber: options.exactNumber,
    onConnection: options.onConnection,
    patience: { requestMs: 10_000, followMs: 300_000, ...options.patience },
  };
  if (isOverWire(options)) return options.transport.link(shared);
  const { url, token, fetch: own, transport } = options;
  // Called as a plain function: browsers refuse `fetch` on another object.
  const send = transport ?? fetchTransport(own ?? ((input, init) => fetch(input, init)));
  return restLink({ ...shared, url, token, transport: send });
}

function isOverWire(options: BerthOptions): options is WireOptions {
  return typeof options.transport === "object";
}

/**
 * A client that has been tried: the server answers and takes the token. Throws SERVER_UNREACHABLE or
 * UNAUTHENTICATED otherwise.
 *
 * @example
 * ```ts
 * const berth = await connect({ url: "http://127.0.0.1:7400", token: "berth_..." });
 * ```
 */
export async function connect(options: BerthOptions & SignalOptions): Promise<Berth> {
  const berth = new Berth(options);
  await berth.jobs.list({ limit: 1, signal: options.signal }).page();
  return berth;
}
