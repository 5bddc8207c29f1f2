import type { Socket } from "node:net";
import { systemReason } from "../../core/system-reason.ts";
import { BerthError } from "@berth/protocol";
import { ExecutorService, file_executor } from "@berth/protocol/executor";
import { Server, type ServerOptions } from "@grpc/grpc-js";
import { Allowance } from "../../auth/allowance.ts";
import type { Identity } from "../../auth/identity.ts";
import type { Context } from "../../operations/context.ts";
import type { ServerCredentialsSource } from "../../pki/credentials/server-credentials.ts";
import type { Revocations } from "../../pki/revoke.ts";
import type { Events } from "../../telemetry/events.ts";
import { executorDefinition, executorService } from "./executor-service.ts";
import { Acceptance } from "./guard/acceptance.ts";
import { createGuard, type GuardOptions } from "./guard/guard.ts";
import { addHealth } from "./health.ts";
import { listen, type Listener } from "./connection/listener.ts";
import { makeCallsInTurns } from "./connection/streams-in-turns.ts";
import { LargeInfos } from "./large/large-infos.ts";
import { requestReader } from "./large/large-request.ts";
import { addReflection } from "./reflection.ts";
import { MutualTlsCredentials } from "./tls.ts";

export interface GrpcServerOptions {
  context: Context;
  identity: Identity;
  revocations: Revocations;
  credentials: ServerCredentialsSource;
  allowance?: Allowance;
  /** Common names that are refused. Default none. */
  reservedNames?: readonly string[];
  /** Connections on which nobody has made a call yet, most of them in a handshake. Default 500. */
  mostUnknown?: number;
  events: Pick<Events, "requestFailed">;
  address: { host: string; port: number };
  /** So long a connection may go on after the certificates have changed. Default 10 minutes. */
  drainGraceMs?: number;
}

/** The API over gRPC. Disposing it stops listening, ends what is open and resolves within about a second. */
export interface GrpcServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/** 10 MiB of files, 1 MiB of arguments, the environment, and the frame around them. */
const MOST_BYTES = 12 * 2 ** 20;
/** Of all other calls, which are read as they come. */
const MOST_SMALL_BYTES = 64 * 1024;

const options: ServerOptions = {
  "grpc.max_receive_message_length": MOST_BYTES,
  "grpc.max_concurrent_streams": 1000,
  "grpc.enable_channelz": 0,
  // Finds out about readers whose host has gone without a word.
  "grpc.keepalive_time_ms": 60_000,
  "grpc.keepalive_timeout_ms": 20_000,
};

/** Whoever connects has one turn of all that are given: nobody knows yet who it is. */
const HANDSHAKES = "handshakes";

/** What is still busy when the server closes is cut after this. */
const closeGraceMs = 1000;
/** Listens. Throws SETTINGS_INVALID when the address cannot be had. */
export async function startGrpcServer({
  context,
  identity,
  revocations,
  credentials,
  allowance = new Allowance({ isKeeper: (principal) => context.access.isKeeper(principal) }),
  reservedNames = [],
  mostUnknown = 500,
  events,
  address,
  drainGraceMs = 10 * 60_000,
}: GrpcServerOptions): Promise<GrpcServer> {
  const guard = createGuard({
    ...refusing({ context, revocations, clientCas: credentials.current.clientCas, reservedNames }),
    identity,
    allowance,
    events,
    mostBytes: (path) => (path === executorDefinition.executeCommand.path ? MOST_BYTES : MOST_SMALL_BYTES),
    onAdmitted: (connection) => listener.vouch(connection),
  });
  const server = new Server({ ...options, interceptors: [guard.interceptor] });
  makeCallsInTurns(server);
  const services = addServices(server, { context, events, allowance });
  const tls = new MutualTlsCredentials(credentials);
  let door = server.createConnectionInjector(tls);
  const listener: Listener = await listenAt({ ...address, mostUnknown }, (socket) =>
    inTurn(context, socket, () => door.injectConnection(socket)),
  ).catch((error: unknown) => {
    tls[Symbol.dispose]();
    throw error;
  });
  // Connected clients were checked against the old authorities. Their connections are closed, so that they reconnect and
  // are checked against the new ones. The old injector tells them to go (GOAWAY); who connects meanwhile gets the new one.
  let { clientCas } = credentials.current;
  const ignoreChange = credentials.onChange(() => {
    const before = door;
    door = server.createConnectionInjector(tls);
    before.destroy();
    // A handshake is checked against the authorities at its first byte: one that is under way could end with an old one.
    const unknownNow = clientCas !== credentials.current.clientCas;
    ({ clientCas } = credentials.current);
    guard.trust(clientCas);
    listener.letGo(drainGraceMs, { unknownNow });
  });

  const ignoreFence = context.store.fence.onShut(() => listener.cut());
  return {
    host: address.host,
    port: listener.port,
    async [Symbol.asyncDispose]() {
      ignoreChange();
      ignoreFence();
      const closed = listener.close(closeGraceMs);
      services.health.end();
      guard.endAll();
      // Tells clients to go. Says that it is done when it has begun, so the connections themselves are waited for.
      server.tryShutdown(() => undefined);
      await closed;
      await services.threads[Symbol.asyncDispose]();
      tls[Symbol.dispose]();
    },
  };
}

/** Who is let in, and for how long. */
function refusing({
  context: { locks, rights, store },
  revocations,
  clientCas,
  reservedNames,
}: Pick<GrpcServerOptions, "context" | "revocations"> & {
  clientCas: string;
  reservedNames: readonly string[];
}): Pick<GuardOptions, "refusals" | "acceptance" | "fence"> {
  const acceptance = new Acceptance({ revocations, clientCas, reserved: reservedNames });
  return { refusals: { revocations, locks, rights }, acceptance, fence: store.fence };
}

/** A handshake is work, and many may come at once. */
function inTurn({ turns }: Context, socket: Socket, begin: () => void): void {
  void turns.take(HANDSHAKES).then(() => (socket.destroyed ? undefined : begin()));
}

function addServices(
  server: Server,
  { context, events, allowance }: Pick<GrpcServerOptions, "context" | "events"> & { allowance: Allowance },
): { health: { end(): void }; threads: AsyncDisposable } {
  const health = serveHealth(server, context);
  addReflection(server, [file_executor]);
  const threads = new AsyncDisposableStack();
  const reader = threads.use(requestReader());
  const infos = threads.use(new LargeInfos());
  const service = executorService(context, { events, allowance, reader, infos });
  server.addService(executorDefinition, { ...service });
  return { health, threads };
}

/** Serving while jobs can be run, until the end. */
function serveHealth(server: Server, { scheduler, policy }: Context): { end(): void } {
  const health = addHealth(server, [ExecutorService.typeName]);
  const ignore = scheduler.watchReadiness(policy.defaultEngine, ({ ready }) => health.set(ready));
  return {
    end() {
      ignore();
      health.set(false);
    },
  };
}

async function listenAt(
  address: GrpcServerOptions["address"] & { mostUnknown: number },
  onConnection: (socket: Socket) => void,
): Promise<Listener> {
  try {
    return await listen({ ...address, onConnection });
  } catch (error) {
    throw new BerthError(
      "SETTINGS_INVALID",
      `Cannot listen on ${targetOf(address)}: ${systemReason(error).why}`,
      {
        fix: "Set BERTH_GRPC_ADDRESS to an address of this host and a free port, or to `none` for no gRPC",
        cause: error,
      },
    );
  }
}

function targetOf({ host, port }: GrpcServerOptions["address"]): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
