import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { CuttingProxy } from "./cutting-proxy.ts";
import { freePort } from "./free-port.ts";
import type { Postgres } from "./postgres.ts";
import { ServerProcess } from "./server-process.ts";
import { tempFolder } from "./temp-folder.ts";
import { until } from "./until.ts";

/** Two servers of one new database, each with a folder of its own. */
export interface StandbyPair extends AsyncDisposable {
  /** Which has the database, by way of the proxy. */
  readonly first: ServerProcess;
  /** Which stands by; resolves once it has taken over. */
  readonly second: Promise<ServerProcess>;
  /** The second's door, where it can be asked from the beginning: its address, and the port of its gRPC. */
  readonly standby: string;
  readonly secondGrpc: number;
  readonly proxy: CuttingProxy;
  /** Starts another server in the folder of the first, which has ended. */
  firstAgain(): Promise<ServerProcess>;
}

/** Resolves when the first serves and the second says that it lives. */
export async function standbyPair(postgres: Postgres): Promise<StandbyPair> {
  const scope = new AsyncDisposableStack();
  const [here, there] = [scope.use(tempFolder()).path, scope.use(tempFolder()).path];
  const url = await postgres.database();
  const proxy = scope.use(await CuttingProxy.open(postgres.socket));
  // The same on both, as the guide says.
  const keys = `k:${randomBytes(32).toString("base64")}`;
  const env = { BERTH_GRPC_KEY: "ec-p256", BERTH_STANDBY: "1s", BERTH_SECRETS_KEYS: keys };
  const startFirst = (): Promise<ServerProcess> =>
    ServerProcess.start({
      root: here,
      engine: "fake",
      env: {
        ...env,
        BERTH_DATABASE: proxy.urlOf(postgres.lastDatabase).reveal(),
        BERTH_GRPC_ADDRESS: "127.0.0.1:0",
      },
    });
  let first = await startFirst();
  const began = first;
  mkdirSync(join(there, "data"), { mode: 0o711 });
  // What has to be the same on both, as the guide says.
  cpSync(join(here, "data", "pki"), join(there, "data", "pki"), { recursive: true });
  const port = await freePort();
  const secondGrpc = await freePort();
  const standby = `http://127.0.0.1:${port}`;
  const second = ServerProcess.start({
    root: there,
    engine: "fake",
    env: {
      ...env,
      BERTH_DATABASE: url.reveal(),
      BERTH_HTTP_ADDRESS: `127.0.0.1:${port}`,
      BERTH_GRPC_ADDRESS: `127.0.0.1:${secondGrpc}`,
    },
  });
  second.catch(() => undefined);
  const lives = (): Promise<boolean> =>
    fetch(`${standby}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(lives, { what: "the standby's door" });
  return {
    first: began,
    firstAgain: async () => (first = await startFirst()),
    second,
    standby,
    secondGrpc,
    proxy,
    // Only who has taken over can be ended: the first makes room.
    [Symbol.asyncDispose]: async () => {
      await first.kill();
      await (await second).kill();
      await scope.disposeAsync();
    },
  };
}
