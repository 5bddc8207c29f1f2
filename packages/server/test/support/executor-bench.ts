import { startGrpcServer } from "../../src/api/grpc/server.ts";
import { Allowance } from "../../src/auth/allowance.ts";
import type { Context } from "../../src/operations/context.ts";
import { openOwnCredentials } from "../../src/pki/credentials/own-credentials.ts";
import { issueClient, type IssuedPair } from "../../src/pki/issue.ts";
import { Revocations } from "../../src/pki/revoke.ts";
import type { FailedRequest } from "../../src/telemetry/events.ts";
import { ApiBench } from "./api-bench.ts";
import { builtInAccess } from "./built-in-access.ts";
import { type ExecutorClient, executorClient } from "./executor-client.ts";
import { openPkiBench, type PkiBench } from "./pki-bench.ts";

/** The gRPC server over a real database, real output files and real certificates. Jobs move when the test moves them. */
export interface ExecutorBench extends AsyncDisposable {
  api: ApiBench;
  pki: PkiBench;
  revocations: Revocations;
  port: number;
  failures: FailedRequest[];
  /** A client with a certificate of this name, and the certificate. */
  client(name: string): Promise<ExecutorClient & { pair: IssuedPair }>;
  /** As when the operator stops the server. */
  close(): Promise<void>;
}

const key = "ec-p256";

export async function openExecutorBench(
  change: (made: Context) => Partial<Context> = () => ({}),
  {
    drainGraceMs,
    allowance = new Allowance({ isKeeper: builtInAccess.isKeeper }),
  }: { drainGraceMs?: number; allowance?: Allowance } = {},
): Promise<ExecutorBench> {
  await using opening = new AsyncDisposableStack();
  const pki = opening.use(await openPkiBench());
  const { ca, registry, clock, folder } = pki;
  const report = (what: string): void => void pki.reports.push(what);
  const credentials = opening.use(await openOwnCredentials({ ca, registry, clock, folder, report, key }));
  const revocations = await Revocations.open({ registry, clock });
  const certificates = {
    ca,
    registry,
    clock,
    revocations,
    credentials,
    [Symbol.asyncDispose]: async () => {},
  };
  const api = opening.use(
    await ApiBench.open((made) => ({ pki: certificates, ...change(made) }), { allowance }),
  );
  const failures: FailedRequest[] = [];
  const server = opening.use(
    await startGrpcServer({
      context: api.context,
      identity: api.identity,
      revocations,
      credentials,
      allowance,
      events: { requestFailed: (failure) => void failures.push(failure) },
      address: { host: "localhost", port: 0 },
      ...(drainGraceMs !== undefined && { drainGraceMs }),
    }),
  );
  const open = opening.move();
  return {
    api,
    pki,
    revocations,
    port: server.port,
    failures,
    async client(name) {
      const pair = await issueClient(pki, { principal: name, key });
      const client = open.use(executorClient(server.port, { roots: ca.roots, pair }));
      return Object.assign(client, { pair });
    },
    close: async () => server[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}
