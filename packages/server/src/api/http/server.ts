import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { BerthError, type Check } from "@berth/protocol";
import { fastify, type FastifyHttpOptions, type FastifyInstance } from "fastify";
import { Allowance } from "../../auth/allowance.ts";
import type { Identity } from "../../auth/identity.ts";
import { keyOf } from "../../core/caller/principal.ts";
import type { Context } from "../../operations/context.ts";
import type { RestDoor } from "../../operations/server/rest-checks.ts";
import type { Events } from "../../telemetry/events.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { addKriten } from "../kriten/add-kriten.ts";
import { addBeforeKriten } from "../kriten/before-routes.ts";
import type { KritenDoor } from "../kriten/kriten-route.ts";
import { guardRoutes, type GuardedServer } from "./auth.ts";
import { addDocs } from "./docs.ts";
import { answerBrokenRequest, answerError } from "./errors.ts";
import { boundBodies } from "./input/body-patience.ts";
import { bodyReader } from "./input/large-body.ts";
import { readBodies } from "./input/read-bodies.ts";
import { addLogin } from "./login/add-login.ts";
import { addArrivals } from "./listen/arrivals.ts";
import { type Connections, watchConnections } from "./listen/connections.ts";
import { fencedAnswers, shutWithFence } from "./listen/fenced.ts";
import { hostCheck } from "./listen/host-check.ts";
import { beginOneAtATime } from "./listen/one-at-a-time.ts";
import { readInTurns } from "./listen/read-in-turns.ts";
import { secureServer, type TlsSource } from "./listen/secure-server.ts";
import { addAccess } from "./access-routes/access.ts";
import { addArtifacts } from "./routes/artifacts.ts";
import { addAudit } from "./routes/audit.ts";
import { addCertificates } from "./routes/certificates.ts";
import { addServer } from "./routes/server.ts";
import { addGroups } from "./access-routes/groups.ts";
import { addEvents } from "./routes/events.ts";
import { addHealth } from "./routes/health.ts";
import { addJobs } from "./routes/jobs.ts";
import { addMetrics } from "./routes/metrics.ts";
import { addNetworks } from "./routes/networks.ts";
import { addOutput } from "./routes/output.ts";
import { addQuotas } from "./access-routes/quotas.ts";
import { addRoles } from "./access-routes/roles.ts";
import { addSecrets } from "./routes/secrets.ts";
import { addSessions } from "./access-routes/sessions.ts";
import { addTokens } from "./access-routes/tokens.ts";
import { addRunners } from "./routes/runners.ts";
import { addSchedules } from "./routes/schedules.ts";
import { addWebhooks } from "./routes/webhooks.ts";
import { addTasks } from "./routes/tasks.ts";
import { addUploads } from "./routes/uploads.ts";
import { addUsers } from "./access-routes/users.ts";
import { securityHeaders } from "./security-headers.ts";
import { createOpenAnswers } from "./streams/open-answers.ts";
import { answerUnknownRoutes } from "./unknown-routes.ts";

export interface HttpServerOptions {
  context: Context;
  identity: Identity;
  events: Events;
  metrics: Metrics;
  allowance?: Allowance;
  /** Of this door. */
  mostConnections?: number;
  /** By which clients reach the server, beside addresses, `localhost` and this host's name. */
  names?: readonly string[];
  /** Key and certificate to listen with; null for plain HTTP. */
  tls?: TlsSource | null;
  /** Tries those elsewhere who know people. Default: there is nobody. */
  examineLogins?: () => Promise<Check[]>;
  /** Ranges of addresses of proxies, who say for whom they ask. Default none. */
  proxies?: readonly string[];
  /** Whether what nobody owns is shown to whoever asks. Default false. */
  publicRead?: boolean;
  /** Of Kriten's door. Default: the engine is asked for the images that its clients name, and no page of another site may use it. */
  kriten?: Partial<Pick<KritenDoor, "images" | "origins">>;
  /** After this a connection that is still busy when the server closes is cut, in ms. Default: a second. */
  closeGraceMs?: number;
  /** Shown in the OpenAPI document. */
  version: string;
}

const patience = {
  // The longest wait is a minute; clients reuse a connection for less than this.
  keepAliveTimeout: 75_000,
  // Of whole requests: body-patience.ts bounds them by what they are.
  requestTimeout: 0,
};
/** Operations check their input by the contract. The framework's own way is not loaded: two libraries and 2 MB. */
const withoutSchemas = { buildValidator: noSchema, buildSerializer: noSchema };
const listening = { headersTimeout: 15_000, connectionsCheckingInterval: 5_000 };

/** What was on its way when the close began is still answered; where nothing comes in this time, nothing was. */
const UNUSED_GRACE_MS = 50;

/**
 * The REST API. `listen` starts it; `close` stops accepting, ends followers and waits, and resolves within about a
 * second.
 */
export function createHttpServer({
  context,
  identity,
  events,
  metrics,
  allowance = new Allowance({ isKeeper: (principal) => context.access.isKeeper(principal) }),
  mostConnections = 2048,
  names = [],
  tls = null,
  proxies = [],
  publicRead = false,
  examineLogins = () => Promise.resolve([]),
  kriten: { images = "refuse", origins = [] } = {},
  closeGraceMs = 1000,
  version,
}: HttpServerOptions): GuardedServer {
  const openAnswers = createOpenAnswers({ ...context, allowance });
  let closing = false;
  const app = fastify({
    schemaController: { compilersFactory: withoutSchemas },
    ...servedBy(context, tls),
    genReqId: () => randomUUID(),
    return503OnClosing: false,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => answerError(error, { request, reply, events }),
  });
  const connections = watchConnections(app.server, { most: mostConnections, turns: context.turns });

  app.setErrorHandler((error, request, reply) => answerError(error, { request, reply, events }));
  takeRequestsInTurns(app.server);
  takeBodies(app, context);
  addArrivals(app, { proxies });
  const checkHost = hostCheck({ names });
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(securityHeaders).header("x-request-id", request.id);
    checkHost(request.raw, request.arrival);
    if (closing && request.routeOptions.config.permission !== null) {
      throw new BerthError("SHUTTING_DOWN", "Cannot take requests: the server is shutting down");
    }
  });
  shutWithFence(app, context.store.fence);
  addBeforeKriten(app, { origins });
  const unknownRoutes = answerUnknownRoutes(app);
  guardRoutes(app, { identity, access: context.access, publicRead });
  vouchForCallers(app, connections);
  takeTurns(app, context);
  countRequests(app, metrics);

  const kritenDoor = { context, openAnswers, events, images, origins };
  addNouns(app, { context, openAnswers, events, tls, proxies, examineLogins, kritenDoor });
  addLogin(app, { context, identity, events });
  addHealth(app, { context, isClosing: () => closing });
  addMetrics(app, { context, metrics });
  addDocs(app, { version, context, identity });
  unknownRoutes.close();

  app.addHook("preClose", async () => {
    closing = true;
    openAnswers.endAll();
    cutInTime(app, { connections, closeGraceMs });
  });
  return app;
}

function servedBy(
  { turns, store }: Context,
  tls: TlsSource | null,
): Pick<FastifyHttpOptions<Server>, "http" | "serverFactory"> {
  const http = { ...listening, ServerResponse: fencedAnswers(store.fence) };
  if (tls === null) return { ...patience, http };
  const secure = { ...patience, ...http, tls, turns };
  return { ...patience, serverFactory: (handler) => secureServer(handler, secure) };
}

/** Whatever one connection sends, or many do at once. */
function takeRequestsInTurns(server: Server): void {
  beginOneAtATime(server);
  readInTurns(server);
}

function doorOf(
  { tls, proxies }: { tls: TlsSource | null; proxies: readonly string[] },
  { pki }: Context,
): RestDoor {
  if (tls === null) return { tls, proxies };
  const isOwn = pki !== null && pki.ca !== null && tls === pki.credentials;
  return { tls: { notAfter: () => tls.current.notAfter, isOwn }, proxies };
}

/** The routes of the contract, and those of older clients. */
function addNouns(
  app: FastifyInstance,
  {
    context,
    openAnswers,
    events,
    tls,
    proxies,
    examineLogins,
    kritenDoor,
  }: {
    context: Context;
    openAnswers: ReturnType<typeof createOpenAnswers>;
    events: Events;
    tls: TlsSource | null;
    proxies: readonly string[];
    examineLogins: () => Promise<Check[]>;
    kritenDoor: KritenDoor;
  },
): void {
  addJobs(app, { context, openAnswers });
  addRunners(app, { context });
  addTasks(app, { context, openAnswers });
  addSchedules(app, { context });
  addWebhooks(app, { context });
  addOutput(app, { context, openAnswers, events });
  addEvents(app, { context, openAnswers, events });
  addArtifacts(app, { context, openAnswers });
  addCertificates(app, { context });
  addUploads(app, { context, openAnswers });
  addNetworks(app, { context });
  addAccess(app, { context });
  addRoles(app, { context });
  addGroups(app, { context });
  addTokens(app, { context });
  addSecrets(app, { context });
  addQuotas(app, { context });
  addSessions(app, { context });
  addUsers(app, { context });
  addAudit(app, { context, openAnswers, events });
  addServer(app, { context, rest: doorOf({ tls, proxies }, context), examineLogins });
  addKriten(app, kritenDoor);
}

function cutInTime(
  app: FastifyInstance,
  { connections, closeGraceMs }: { connections: Connections; closeGraceMs: number },
): void {
  // After a look at what has come meanwhile: where the host stood still, timers are over before anything is read.
  setTimeout(() => setImmediate(() => connections.closeUnused()), UNUSED_GRACE_MS).unref();
  setTimeout(() => app.server.closeAllConnections(), closeGraceMs).unref();
}

function vouchForCallers(app: FastifyInstance, connections: Connections): void {
  app.addHook("onRequest", async ({ caller, raw }, reply) => {
    if (caller !== null) connections.vouch(raw.socket, reply.raw);
  });
}

function takeBodies(app: FastifyInstance, { turns }: Context): void {
  const bodies = bodyReader();
  readBodies(app, { bodies, turns, patience: boundBodies(app) });
  app.addHook("onClose", () => bodies[Symbol.asyncDispose]());
}

/** Whoever asks for much waits behind those who ask for little, on this door and on the others. */
function takeTurns(app: FastifyInstance, { turns }: Context): void {
  app.addHook("preHandler", async ({ caller }) => {
    if (caller !== null) await turns.take(keyOf(caller.principal));
  });
}

function countRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook("onResponse", async (request, reply) => {
    const { method } = request;
    const route = request.routeOptions.url ?? "(none)";
    metrics.httpRequests.inc({ method, route, status: reply.raw.statusCode });
    metrics.httpDuration.observe({ method, route }, reply.elapsedTime / 1000);
  });
}

function noSchema(): never {
  throw new Error("A route has a schema of the framework: what is sent is checked by the contract alone");
}
