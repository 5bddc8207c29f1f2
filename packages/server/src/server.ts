import { chmod, mkdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { BerthError } from "@berth/protocol";
import { createHttpServer } from "./api/http/server.ts";
import { createFileArtifactStore } from "./artifacts/files/file-artifact-store.ts";
import { ensureAdminToken } from "./auth/admin-token.ts";
import { createTokenIdentity } from "./auth/tokens.ts";
import type { Config } from "./config/config.ts";
import { openEngine } from "./engines/registry.ts";
import { systemClock } from "./lib/clock.ts";
import { Scope } from "./lib/scope.ts";
import { createFileLogStore } from "./logs/files/file-log-store.ts";
import { startGrpcServer, type GrpcServer } from "./api/grpc/server.ts";
import { openPki, type Pki } from "./pki/open-pki.ts";
import type { Context } from "./operations/context.ts";
import { Reconciler } from "./reconciler/reconciler.ts";
import { holdDiskReserve } from "./store/disk-reserve.ts";
import { lockDataDir } from "./store/data-dir-lock.ts";
import { openSqliteStore } from "./store/sqlite/open.ts";
import { createEvents, type Events } from "./telemetry/events.ts";
import { createLogger, type Logger } from "./telemetry/logger.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { version } from "./config/version.ts";

/** A running server. Disposing it stops listening and leaves running jobs to the next server. */
export interface Server extends AsyncDisposable {
  /** Where the API is, without a slash at the end. */
  readonly url: string;
  /** Where gRPC listens; null when it does not. */
  readonly grpcPort: number | null;
  /** The file with the administrator's token. */
  readonly adminTokenPath: string;
}

/**
 * Puts the parts together, in the order in which they need each other; the scope closes them the other way round.
 * The only place that names concrete engines and stores. Throws BerthError when a part cannot be opened.
 */
export async function startServer(config: Config): Promise<Server> {
  const clock = systemClock;
  const now = (): number => clock.now();
  const logger = createLogger(config.log);
  const metrics = createMetrics();
  const events = createEvents({ logger, metrics });
  await using opening = new Scope();

  await openDataDir(config.dataDir);
  opening.use(await lockDataDir(config.dataDir));
  opening.use(holdDiskReserve({ dataDir: config.dataDir, clock, report: reportDisk(logger) }));
  const store = opening.use(await openSqliteStore({ path: join(config.dataDir, "berth.db") }));
  const logs = opening.use(createFileLogStore({ root: join(config.dataDir, "logs"), clock }));
  const artifacts = createFileArtifactStore({ root: join(config.dataDir, "artifacts") });
  // The first start makes an authority, which takes a second or two: the engine opens meanwhile.
  const pkiOpening = openPkiOf(config, events);
  // Its failure is met where it is awaited, which may be a while after it came.
  pkiOpening.catch(() => undefined);
  opening.defer(async () => (await pkiOpening.catch(() => null))?.[Symbol.asyncDispose]());
  const engine = opening.use(await openEngine(config, { clock, notice: noticeTo(logger) }));
  const pki = await pkiOpening;
  const engines = new Map([[engine.name, engine]]);
  const parts = { store, logs, artifacts, engines };
  const reconciler = opening.use(
    new Reconciler({ ...parts, clock, settings: settingsOf(config), report: reportTo(events) }),
  );
  await reconciler.start();

  const context: Context = {
    ...parts,
    pki,
    policy: policyOf(config, engine.name),
    scheduler: reconciler,
    events,
    now,
  };
  const identity = createTokenIdentity({ tokens: store.tokens, now });
  const admin = await ensureAdminToken({ tokens: store.tokens, dataDir: config.dataDir, now });
  const http = createHttpServer({ context, identity, events, metrics, version });
  opening.defer(() => http.close());
  await listen(http, config.http);
  const grpc = await listenGrpc(config, { context, events });
  if (grpc) opening.use(grpc);
  const url = urlOf(http.server.address() as AddressInfo);
  logger.info(
    { url, dataDir: config.dataDir, engine: engine.name, ...(grpc && { grpc: `${grpc.host}:${grpc.port}` }) },
    "Server started",
  );

  const open = opening.move();
  return {
    url,
    grpcPort: grpc?.port ?? null,
    adminTokenPath: admin.path,
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}

/** Others may pass through to a job's own folder, which needs it, and may look at nothing. */
async function openDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    await chmod(dataDir, 0o711);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BerthError("STORAGE_FAILED", `Cannot use data folder "${dataDir}": ${why}`, { cause: error });
  }
}

function policyOf(config: Config, defaultEngine: string): Context["policy"] {
  const { limits, enforcement, stopGraceMs, queueLength } = config;
  return { defaultEngine, limits, enforcement, stopGraceMs, queueLength };
}

function settingsOf(config: Config): ConstructorParameters<typeof Reconciler>[0]["settings"] {
  return {
    maxJobs: config.maxJobs,
    stopGraceMs: config.stopGraceMs,
    keepJobsMs: config.keep.jobsForMs,
    keepOutputBytes: config.keep.outputBytes,
    artifactBytes: config.limits.disk ?? 10 * 2 ** 30,
    artifactFiles: 10_000,
  };
}

function reportTo(events: Events): ConstructorParameters<typeof Reconciler>[0]["report"] {
  return {
    jobStarted: (job) => events.jobStarted(job),
    jobEnded: (job) => events.jobEnded(job),
    fault: (what, error) => events.fault(what, error),
  };
}

function reportDisk(logger: Logger): (isFull: boolean) => void {
  return (isFull) => {
    if (isFull) logger.error("The data disk is full: jobs can end, and no new ones can be taken. Make room");
    else logger.info("The data disk has room again");
  };
}

function noticeTo(logger: Logger): (text: string, detail: Record<string, unknown>) => void {
  return (text, detail) => logger.warn(detail, text);
}

function openPkiOf({ dataDir, grpc }: Config, events: Events): Promise<Pki | null> {
  if (grpc.address === null) return Promise.resolve(null);
  const { certs, names } = grpc;
  const report = (what: string, error: unknown): void => events.fault(what, error);
  return openPki({ folder: join(dataDir, "pki"), certs, names, clock: systemClock, report });
}

async function listenGrpc(
  { grpc: { address } }: Config,
  { context, events }: { context: Context; events: Events },
): Promise<GrpcServer | null> {
  const { pki } = context;
  if (address === null || pki === null) return null;
  const { credentials, revocations } = pki;
  return startGrpcServer({ context, revocations, credentials, events, address });
}

async function listen(
  http: ReturnType<typeof createHttpServer>,
  { host, port }: Config["http"],
): Promise<void> {
  try {
    await http.listen({ host, port });
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === "EADDRINUSE"
        ? "another program listens there"
        : String(error);
    throw new BerthError(
      "SETTINGS_INVALID",
      `Cannot listen on ${host}:${port}: ${why}; set BERTH_HTTP_ADDRESS`,
      { cause: error },
    );
  }
}

function urlOf({ address, port, family }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
