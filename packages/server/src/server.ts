import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { BerthError, type Check } from "@berth/protocol";
import { startGrpcServer, type GrpcServer } from "./api/grpc/server.ts";
import { createHttpServer, type HttpServerOptions } from "./api/http/server.ts";
import { ensureAdminToken } from "./auth/admin-token.ts";
import { ensureAdminAccount } from "./auth/login/admin-password.ts";
import { Allowance } from "./auth/allowance.ts";
import { AuditedEntries } from "./auth/audited/audited-entries.ts";
import { withRecordedRefusals } from "./auth/audited/audited-identity.ts";
import { createIdentity } from "./auth/create-identity.ts";
import type { Identity } from "./auth/identity.ts";
import { INTROSPECTION, withIntrospection } from "./auth/providers/introspection/with-introspection.ts";
import { type FarProviders, openFar } from "./auth/providers/open-far.ts";
import type { Config } from "./config/config.ts";
import { version } from "./config/version.ts";
import { ownNames } from "./core/caller/principal.ts";
import { countOpenJobs, openControlPlane } from "./control-plane.ts";
import type { OpenJobs } from "./core/job/open-jobs.ts";
import { enginesOf } from "./engines/registry.ts";
import { systemClock } from "./lib/clock.ts";
import { systemReason } from "./core/system-reason.ts";
import type { Context } from "./operations/context.ts";
import { openFolderCredentials } from "./pki/credentials/folder-credentials.ts";
import type { ServerCredentialsSource } from "./pki/credentials/server-credentials.ts";
import { openPki, type Pki } from "./pki/open-pki.ts";
import { createEvents, type Events } from "./telemetry/events.ts";
import { createLogger, type Logger } from "./telemetry/logger.ts";
import { watchLoop } from "./telemetry/loop-watch.ts";
import { createMetrics } from "./telemetry/metrics.ts";

/** A running server. Disposing it stops listening and leaves running jobs to the next server. */
export interface Server extends AsyncDisposable {
  /** Where the API is, without a slash at the end. */
  readonly url: string;
  /** Where gRPC listens; null when it does not. */
  readonly grpcPort: number | null;
  /** The file with the administrator's token. */
  readonly adminTokenPath: string;
  /** Jobs that had not ended when the server before went away, and are in this one's hands now. */
  readonly takenUp: OpenJobs;
  /** Aborts when another server has taken the database over: this one must end. */
  readonly lost: AbortSignal;
  /** Jobs that have not ended: those that run go on when this server goes. */
  openJobs(): Promise<OpenJobs>;
}

/**
 * Opens the doors to the control plane; the scope closes them before it. `beforeDoors` is for what takes long and nobody is to
 * wait for. Throws BerthError when a part cannot be opened.
 */
export async function startServer(
  config: Config,
  { beforeDoors = () => undefined }: { beforeDoors?: () => void | Promise<void> } = {},
): Promise<Server> {
  const logger = createLogger(config.log);
  const metrics = createMetrics();
  await using opening = new AsyncDisposableStack();
  const events = opening.use(createEvents({ logger, metrics }));
  const far = opening.use(await openFar(config, { now: () => systemClock.now() }));
  const { context, takenUp, lost } = opening.use(
    await openControlPlane(config, {
      events,
      reportDisk: reportDisk(logger),
      reportDatabase: reportDatabase(logger),
      engines: enginesOf(config, { clock: systemClock, notice: noticeTo(logger) }),
      elsewhere: far,
      openPki: (store) => openPkiOf(config, { store, events }),
      probe: true,
    }),
  );
  const identity = identityOf(context, far);
  const admin = await ensureAdmin(config, context);
  const allowance = allowanceOf(config, context);
  const mostConnections = Math.floor(config.doors.maxConnections / 2);
  const tls = await openRestCredentials(config, { pki: context.pki, events, opening });
  const doors = { allowance, mostConnections, tls, ...restDoorOf(config) };
  const examineLogins = (): Promise<Check[]> => far.examine();
  const http = createHttpServer({ context, identity, events, metrics, version, examineLogins, ...doors });
  opening.defer(() => http.close());
  await beforeDoors();
  await listen(http, config.http);
  const grpc = opening.use(await listenGrpc(config, { context, identity, events, allowance }));
  // What stands still before is the start itself.
  opening.use(
    watchLoop(
      (standstill) => events.loopStoodStill(standstill),
      (isAtRest) => metrics.restLoopDelay(isAtRest),
    ),
  );
  const url = urlOf(http.server.address() as AddressInfo, tls === null ? "http" : "https");
  logger.info(
    {
      url,
      dataDir: config.dataDir,
      engines: [...context.engines.keys()],
      ...(grpc && { grpc: `${grpc.host}:${grpc.port}` }),
    },
    "Server started",
  );

  const open = opening.move();
  return {
    url,
    grpcPort: grpc?.port ?? null,
    adminTokenPath: admin.path,
    takenUp,
    lost,
    openJobs: () => countOpenJobs(context),
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}

/** The two ways in for whoever begins with a new server; returns where its token lies. */
async function ensureAdmin({ dataDir }: Config, context: Context): Promise<{ path: string }> {
  const { store, audit, now } = context;
  await ensureAdminAccount({ context, dataDir });
  const tokens: Parameters<typeof ensureAdminToken>[0]["tokens"] = {
    findByHash: (hash) => store.tokens.findByHash(hash),
    insert(token) {
      const about = { user: token.principal };
      const record = audit.ofServer({ verb: "create", resource: "tokens", name: token.id, about });
      return store.audited(record).tokens.insert(token);
    },
  };
  return ensureAdminToken({ tokens, dataDir, now });
}

function identityOf(context: Context, far: FarProviders): Identity {
  const { audit, signIn, accounts, groups } = context;
  const own = withRecordedRefusals(createIdentity(context), audit);
  const { introspection } = far;
  if (introspection === null) return own;
  return withIntrospection(own, {
    introspection,
    accountOf: async (provider, proven) => (await signIn.accountOf(provider, proven)).name,
    whoIs: (name) => ({
      principal: accounts.holder(name, name === "admin" ? ["admin"] : ["self"]),
      groups: groups.of(name),
    }),
    entries: new AuditedEntries(audit, INTROSPECTION),
  });
}

/** The half of the connections that is not of REST is bounded here; those of REST give way to each other. */
function allowanceOf({ doors }: Config, { access }: Context): Allowance {
  const { maxConnections, maxStreams, maxCalls, principalShare } = doors;
  const most = { connections: Math.floor(maxConnections / 2), streams: maxStreams, calls: maxCalls };
  return new Allowance({ most, share: principalShare, isKeeper: (principal) => access.isKeeper(principal) });
}

function reportDisk(logger: Logger): (isFull: boolean) => void {
  return (isFull) => {
    if (isFull) logger.error("The data disk is full: jobs can end, and no new ones can be taken. Make room");
    else logger.info("The data disk has room again");
  };
}

function reportDatabase(logger: Logger): (lost: Error | null) => void {
  return (lost) => {
    if (lost === null) logger.info("The database is there again");
    else
      logger.error(
        { err: lost },
        "The database is lost: jobs go on, and no new ones can be taken until it is back",
      );
  };
}

function noticeTo(logger: Logger): (text: string, detail: Record<string, unknown>) => void {
  return (text, detail) => logger.warn(detail, text);
}

function openPkiOf(
  { dataDir, http, grpc }: Config,
  { store, events }: { store: Context["store"]; events: Events },
): Promise<Pki | null> {
  const isForRest = http.tls.kind === "built-in";
  if (grpc.address === null && !isForRest) return Promise.resolve(null);
  const names = [...grpc.names, ...(isForRest ? namesOfRest(http) : [])];
  const certs = grpc.address === null ? null : grpc.certs;
  const report = (what: string, error: unknown): void => events.fault(what, error);
  const folder = join(dataDir, "pki");
  return openPki({ folder, store, certs, names, key: grpc.key, clock: systemClock, report });
}

/** Where a server listens on every address, that is the name of none. */
function namesOfRest({ host, names }: Config["http"]): string[] {
  return ["0.0.0.0", "::"].includes(host) ? [...names] : [host, ...names];
}

/** null: plain HTTP. */
async function openRestCredentials(
  { http: { tls } }: Config,
  { pki, events, opening }: { pki: Pki | null; events: Events; opening: AsyncDisposableStack },
): Promise<ServerCredentialsSource | null> {
  if (tls.kind === "none") return null;
  if (tls.kind === "built-in") {
    if (pki === null) throw new Error("The authority is open where its certificate is shown");
    return pki.credentials;
  }
  const report = (what: string, error: unknown): void => events.fault(what, error);
  const { path: folder } = tls;
  return opening.use(await openFolderCredentials({ folder, clock: systemClock, report, asksClients: false }));
}

async function listenGrpc(
  { grpc: { address, certs, bind }, doors }: Config,
  {
    context,
    identity,
    events,
    allowance,
  }: { context: Context; identity: Identity; events: Events; allowance: Allowance },
): Promise<GrpcServer | null> {
  const { pki } = context;
  if (address === null || pki === null) return null;
  const { credentials, revocations } = pki;
  const mostUnknown = Math.min(500, Math.floor(doors.maxConnections / 8));
  // Our own authority signs such a name for nobody but an administrator; another one knows nothing of it.
  const reservedNames = certs === null ? [] : ownNames.filter((name) => !bind.includes(name));
  return startGrpcServer({
    context,
    identity,
    revocations,
    credentials,
    allowance,
    reservedNames,
    mostUnknown,
    events,
    address,
  });
}

const FREE_PORT = "Set BERTH_HTTP_ADDRESS to an address of this host and a free port that this user may use";

async function listen(
  http: ReturnType<typeof createHttpServer>,
  { host, port }: Config["http"],
): Promise<void> {
  try {
    await http.listen({ host, port });
  } catch (error) {
    const { why } = systemReason(error);
    throw new BerthError("SETTINGS_INVALID", `Cannot listen on ${host}:${port}: ${why}`, {
      fix: FREE_PORT,
      cause: error,
    });
  }
}

/** By which names, through whom, for whom and how it answers. */
function restDoorOf({
  http,
  access,
}: Config): Pick<HttpServerOptions, "names" | "proxies" | "publicRead" | "kriten"> {
  const { trustedProxies: proxies, kritenImages: images, kritenOrigins: origins } = http;
  const names = [http.host, ...http.names];
  return { names, proxies, publicRead: access.publicRead, kriten: { images, origins } };
}

function urlOf({ address, port, family }: AddressInfo, scheme: "http" | "https"): string {
  return `${scheme}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
